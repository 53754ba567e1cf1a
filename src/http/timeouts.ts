/** After which clients that keep a connection without using it are cut off (Slowloris and its kin). */
export const timeouts = {
  /** All of a request has to come within this; how long its answer takes is our affair. */
  requestTimeout: 15_000,
  /** Longer than proxies keep an idle connection, so that they never send on one being closed. */
  keepAliveTimeout: 75_000,
  http: {
    headersTimeout: 10_000,
    connectionsCheckingInterval: 1_000,
  },
} as const;
