/** Who signed in, as far as the service cares. */
export interface User {
  /** Unique and stable; CERN's `cern_upn`. */
  readonly name: string;
  readonly roles: ReadonlySet<string>;
}

/**
 * The user a verified token speaks of; undefined when it names none. Roles come flat in `cern_roles`
 * or, as Keycloak has them, under `resource_access.<client>.roles`; either may be missing.
 * (auth.docs.cern.ch, "OIDC configuration")
 */
export function userOf(claims: Record<string, unknown>, clientId: string): User | undefined {
  const name = [claims['cern_upn'], claims['sub']].find(isName);
  if (!name) return undefined;
  const ofClient = member(member(claims['resource_access'], clientId), 'roles');
  return { name, roles: new Set([...names(claims['cern_roles']), ...names(ofClient)]) };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isName) : [];
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
