import { readFileSync } from 'node:fs';

/** The realm that docs/sign-in.md tells operators to import into Keycloak. */
const FILE = new URL('../docs/keycloak-realm.json', import.meta.url);

/** What we use of Keycloak's RealmRepresentation. */
export interface Realm {
  readonly accessTokenLifespan: number;
  readonly ssoSessionMaxLifespan: number;
  readonly oauth2DeviceCodeLifespan: number;
  readonly clients: readonly RealmClient[];
}

/** What we use of Keycloak's ClientRepresentation. */
export interface RealmClient {
  readonly clientId: string;
  readonly publicClient: boolean;
  readonly secret?: string;
  readonly standardFlowEnabled: boolean;
  readonly redirectUris: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly protocolMappers: readonly {
    readonly protocolMapper: string;
    readonly config: Readonly<Record<string, string>>;
  }[];
}

/** Reads the realm and replaces `${NAME}` by these values, as Keycloak does with its environment. */
export function readRealm(variables: Readonly<Record<string, string>>): Realm {
  const text = readFileSync(FILE, 'utf8');
  return JSON.parse(text, (_name, value: unknown) =>
    typeof value === 'string'
      ? value.replaceAll(/\$\{(\w+)\}/g, (all, name: string) => variables[name] ?? all)
      : value,
  ) as Realm;
}

/** The client as OpenID Connect Dynamic Client Registration 1.0 describes one. */
export function clientMetadata<Algorithm>(client: RealmClient, algorithm: Algorithm) {
  const { clientId, publicClient, secret, standardFlowEnabled, redirectUris, attributes } = client;
  const hasDeviceGrant = attributes['oauth2.device.authorization.grant.enabled'] === 'true';
  const afterLogout = attributes['post.logout.redirect.uris'];
  const backChannel = attributes['backchannel.logout.url'];
  return {
    client_id: clientId,
    ...(publicClient
      ? { token_endpoint_auth_method: 'none' as const }
      : { token_endpoint_auth_method: 'client_secret_basic' as const, client_secret: secret! }),
    grant_types: [
      ...(standardFlowEnabled ? ['authorization_code'] : []),
      ...(hasDeviceGrant ? ['urn:ietf:params:oauth:grant-type:device_code'] : []),
      'refresh_token',
    ],
    id_token_signed_response_alg: algorithm,
    response_types: standardFlowEnabled ? ['code' as const] : [],
    redirect_uris: [...redirectUris],
    // "+" stands for the redirect URIs themselves.
    post_logout_redirect_uris: afterLogout === '+' ? [...redirectUris] : [],
    ...(backChannel !== undefined && {
      backchannel_logout_uri: backChannel,
      backchannel_logout_session_required:
        attributes['backchannel.logout.session.required'] === 'true',
    }),
  };
}

/** The audiences that the client's mappers put into its access tokens. */
export function audiencesOf({ protocolMappers }: RealmClient): string[] {
  return protocolMappers
    .filter(({ protocolMapper }) => protocolMapper === 'oidc-audience-mapper')
    .filter(({ config }) => config['access.token.claim'] === 'true')
    .map(({ config }) => config['included.client.audience']!);
}

/** The claim that the client's mappers put the roles into; undefined if they are in no such token. */
export function rolesClaimOf(
  { protocolMappers }: RealmClient,
  token: 'id' | 'access',
): string | undefined {
  return protocolMappers
    .filter(({ protocolMapper }) => protocolMapper === 'oidc-usermodel-client-role-mapper')
    .find(({ config }) => config[`${token}.token.claim`] === 'true')?.config['claim.name'];
}
