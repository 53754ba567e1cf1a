/** Timeouts after which slow, idle or vanished clients are disconnected, against attacks such as Slowloris. */
export const timeouts = {
  /** For the whole request to arrive. The time of the answer is not limited by it. */
  requestTimeout: 15_000,
  /** Longer than proxies keep an idle connection, so that they never send a request on a connection that we close. */
  keepAliveTimeout: 75_000,
  http: {
    headersTimeout: 10_000,
    connectionsCheckingInterval: 1_000,
    // A held request is silent for minutes. TCP keep-alive (RFC 9293, section 3.8.4) keeps its connection in the tables of
    // NATs, and closes that of a client that has vanished.
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
  },
} as const;
