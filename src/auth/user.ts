import type { Settings } from '../config/settings.js';

/** A signed-in person or service. */
export interface User {
  /** Unique and stable; at CERN the claim `cern_upn`. */
  readonly name: string;
  readonly roles: ReadonlySet<string>;
}

const MAX_NAME_LENGTH = 255;

/**
 * The user in verified claims. Undefined if they name none.
 *
 * The name is in `OIDC_USERNAME_CLAIM`. Without that setting it is in `cern_upn`, in `preferred_username` (as
 * at a plain Keycloak) or in `sub`. The roles are in `OIDC_ROLES_CLAIM`. Without that setting they are in
 * `cern_roles` and in Keycloak's `resource_access.<client>.roles`, of our client and of the public one.
 * (auth.docs.cern.ch, "OIDC configuration")
 */
export function userOf(
  claims: Record<string, unknown>,
  {
    clientId,
    publicClientId,
    usernameClaim,
    rolesClaim,
  }: Pick<Settings, 'clientId' | 'publicClientId' | 'usernameClaim' | 'rolesClaim'>,
): User | undefined {
  const nameClaims =
    usernameClaim === undefined ? ['cern_upn', 'preferred_username', 'sub'] : [usernameClaim];
  const name = nameClaims.map((each) => claimAt(claims, each)).find(isName);
  if (name === undefined) return undefined;
  if (rolesClaim !== undefined) return { name, roles: new Set(texts(claimAt(claims, rolesClaim))) };
  const ofClient = [clientId, publicClientId].map((id) =>
    id === undefined ? undefined : member(member(claims['resource_access'], id), 'roles'),
  );
  return { name, roles: new Set([claims['cern_roles'], ...ofClient].flatMap(texts)) };
}

/** A claim by its name, or by a path of names such as `realm_access.roles`. */
function claimAt(claims: Record<string, unknown>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]; // names such as https://example.org/roles
  return path.split('.').reduce<unknown>(member, claims);
}

/** Whether this can be a user's name. It is stored, logged and shown, so it must not have control characters. */
function isName(value: unknown): value is string {
  return isText(value) && value.length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isText) : [];
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
