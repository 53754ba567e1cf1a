/** Timeouts after which slow or idle clients are disconnected, against attacks such as Slowloris. */
export const timeouts = {
  /** For the whole request to arrive. The time of the answer is not limited by it. */
  requestTimeout: 15_000,
  /** Longer than proxies keep an idle connection, so that they never send a request on a connection that we close. */
  keepAliveTimeout: 75_000,
  http: {
    headersTimeout: 10_000,
    connectionsCheckingInterval: 1_000,
  },
} as const;
