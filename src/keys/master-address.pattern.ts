/*
 * The rule for `master_ip` as a regular expression without lookahead, for `openapi.yaml`: generated clients use many
 * dialects of them. It matches all that the service accepts. What it cannot count is left to the service: a host name of more
 * than 253 characters, a last label of more than 63, and an IPv6 address with too few groups or two `::`.
 */
const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const IPV4 = `(${OCTET}\\.){3}${OCTET}`;
const GROUP = '[0-9a-fA-F]{0,4}';
const DIGITS = '[0-9a-fA-F]{1,4}';
/** Eight groups, fewer with `::`, which may stand for one group at either end. */
const IPV6 = `(${GROUP}(:${GROUP}){2,7}|(${DIGITS}:){7}:|:(:${DIGITS}){7}|${GROUP}(:${GROUP}){1,6}:${IPV4})`;

const LABEL = '[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
/** Not all digits: that would be a malformed IPv4 address. */
const LAST_LABEL = '[0-9]*([a-zA-Z]|[0-9]-[a-zA-Z0-9-]*[a-zA-Z0-9])([a-zA-Z0-9-]*[a-zA-Z0-9])?';
const HOST_NAME = `(${LABEL}\\.)*${LAST_LABEL}`;

/** The value of `master_ip`, with blanks around it or not. */
export const MASTER_ADDRESS_PATTERN = `^ *(${IPV4}|${IPV6}|${HOST_NAME}) *$`;
