// On a Redis Cluster, the first two characters of a cluster's id are the hash tag of its keys. So all its keys are in one
// slot, and the ids, which are evenly distributed, are spread over 4096 tags. Each tag has a channel for signals.

/** Ids are base64url (RFC 4648, section 5). */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const LENGTH = 2;

/** All hash tags. */
export function hashTags(): string[] {
  const characters = ALPHABET.split('');
  return characters.flatMap((first) => characters.map((second) => first + second));
}

/** An id with its hash tag. */
export function tagged(id: string): string {
  return `{${id.slice(0, LENGTH)}}${id.slice(LENGTH)}`;
}

/** An id without its hash tag, if it has one. */
export function untagged(name: string): string {
  return name.replace(/[{}]/g, '');
}
