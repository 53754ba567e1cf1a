// Generated from openapi.yaml by script/openapi. Do not edit.
export interface paths {
    "/api/v1/clusters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Issue a PIN
         * @description Issues a one-time PIN for one cluster. It expires after 24 hours, or sooner if you say so, used or not.
         */
        post: operations["issuePin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{pin}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See how far a cluster has come
         * @description How far it has come, when its PIN expires, and signs that a wrong machine is its master.
         */
        get: operations["getCluster"];
        put?: never;
        post?: never;
        /**
         * End a cluster
         * @description Removes the PIN and all keys at once. This cannot be undone.
         */
        delete: operations["endCluster"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{pin}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch a cluster form
         * @description Server-sent events: the current state (`state`, a ClusterSnapshot), then each change. `ended` is the last event, with the reason `ended` or `expired`. If a stream ends without it, connect again.
         */
        get: operations["watchCluster"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{pin}/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the keys in order of creation
         * @description All of them, with their values.
         */
        get: operations["listKeys"];
        put?: never;
        /**
         * Add a key
         * @description The first writer wins. If the same client address sends the same key and value again, the answer is 201 again, so a client whose answer was lost can retry.
         */
        post: operations["addKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{pin}/keys/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Fetch a key
         * @description A worker does this at boot. The answer is text, or JSON if `Accept` asks for it. With `Prefer: wait=N` the answer is held until the key has been added, or N seconds have passed.
         *
         *     When the master has failed (`master_failed` is there, and `master_ready` is not), a request for `master_ip` or `master_ready` that finds none is not held, and one that waits is answered at once. `Cluster-State` says so.
         */
        get: operations["getKey"];
        /**
         * Replace a key; another `key` renames it
         * @description The key must exist, and keeps its place in the list.
         */
        put: operations["replaceKey"];
        post?: never;
        /**
         * Remove a key
         * @description A key of the same name can be added again.
         */
        delete: operations["removeKey"];
        options?: never;
        head?: never;
        /**
         * Change the value, the name, or both
         * @description A field that the body leaves out stays as it is. The key keeps its place in the list.
         */
        patch: operations["changeKey"];
        trace?: never;
    };
    "/api/v1/clusters/{pin}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the members in order of joining
         * @description As text, one line `address name` each: lines of hosts(5), whose first column is a host file of MPI. JSON if `Accept` asks for it.
         *
         *     With `at_least` the answer is 404 `too-few-members` (as text: empty) until there are enough members; with `Prefer: wait=N` it is held until then, for N seconds at most. With `If-None-Match` the answer is 304 while the list is the same; with `Prefer: wait=N` it is held until the list has changed.
         */
        get: operations["listMembers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{pin}/members/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Fetch a member
         * @description The answer is text, a line of hosts(5), or JSON if `Accept` asks for it. With `Prefer: wait=N` it is held until the member has joined, or N seconds have passed.
         */
        get: operations["getMember"];
        /**
         * Join a cluster, or change what is known of a member
         * @description A worker does this for itself: 201 when it joins, 200 afterwards. It can be repeated: the same status again changes nothing. A name belongs to the client address that wrote it first, until the member is removed.
         */
        put: operations["putMember"];
        post?: never;
        /**
         * Remove a member
         * @description Any client that knows the PIN may do this, because a machine may be gone without having said so. Another machine may join under the name then.
         */
        delete: operations["removeMember"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/issuances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List issued PINs, newest first
         * @description Your own; with the admin role those of all users. The PINs themselves are not in the answer.
         */
        get: operations["listIssuances"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/issuances/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show an issued PIN
         * @description The current state of its cluster, without the PIN. For its owner and for admins.
         */
        get: operations["getIssuance"];
        put?: never;
        post?: never;
        /**
         * Revoke a PIN
         * @description Ends the cluster at once, without its PIN. For its owner and for admins. Does nothing if it has ended already.
         */
        delete: operations["revokeIssuance"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/issuances/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch the live clusters of a user
         * @description Server-sent events: `issuance` (an IssuanceInfo) for each live issuance, oldest first, then `synced`; after that `issuance` for each new, changed or ended one, once a second at most for each. Follows the 1000 newest live issuances; `more` in `synced` says whether there are older ones. Neither PINs nor addresses are in the events. If the stream ends, connect again.
         */
        get: operations["watchIssuances"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is the process alive?
         * @description Does not depend on the storage: a restart would not bring that back.
         */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Can the service answer requests?
         * @description With the state of every part. `warnings` names what the operator should fix.
         */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        ClusterInfo: {
            /**
             * Format: date-time
             * @example 2026-11-23T12:00:00.000Z
             */
            creation_time: string;
            /**
             * Format: date-time
             * @example 2026-11-24T12:00:00.000Z
             */
            expiration_time: string;
            /**
             * @description How often the master was replaced or removed: `master_ip` was changed, removed or added again, or `master_ready` was removed. If more than 0, check that the address is that of your master.
             * @example 0
             */
            master_changes: number;
            /**
             * @description Shown only once.
             * @example enico1qq0oey
             */
            pin: string;
            /**
             * @description How often a machine other than the registered master tried to register. If more than 0, two machines claim to be the master, and the registered one may be the wrong one.
             * @example 0
             */
            second_masters: number;
            /**
             * @example master_registered
             * @enum {string}
             */
            state: "issued" | "master_registered" | "ready" | "failed";
            workers: components["schemas"]["WorkersInfo"];
        };
        ClusterSnapshot: {
            /**
             * Format: date-time
             * @description When as many workers were ready as are expected, for the first time.
             * @example null
             */
            completed_time: string | null;
            /**
             * Format: date-time
             * @example 2026-11-24T12:00:00.000Z
             */
            expiration_time: string;
            /**
             * Format: date-time
             * @description When the master announced that it had failed. Null if it was ready later.
             * @example null
             */
            failed_time: string | null;
            /**
             * @description How often the address was fetched, which every worker does once.
             * @example 0
             */
            fetches: number;
            /** @example 10.10.25.5 */
            master_address: string | null;
            /**
             * @description How often the master was replaced or removed.
             * @example 0
             */
            master_changes: number;
            /**
             * Format: date-time
             * @example null
             */
            master_ready_time: string | null;
            /**
             * Format: date-time
             * @example 2026-11-23T12:01:00.000Z
             */
            master_registered_time: string | null;
            /** @example 0 */
            second_masters: number;
            /**
             * @example master_registered
             * @enum {string}
             */
            state: "issued" | "master_registered" | "ready" | "failed";
            workers: components["schemas"]["WorkersInfo"];
        };
        /** @enum {string} */
        ErrorCode: "bad-request" | "invalid-body" | "invalid-query" | "sign-in-required" | "invalid-token" | "sign-in-failed" | "sign-in-denied" | "sign-in-lost" | "cross-site" | "role-required" | "master-locked" | "not-found" | "method-not-allowed" | "not-acceptable" | "request-timeout" | "too-few-members" | "key-exists" | "member-exists" | "cluster-full" | "body-too-large" | "unsupported-media-type" | "headers-too-large" | "too-many-pins" | "storage-unavailable" | "sso-unavailable" | "sso-misconfigured" | "too-many-requests" | "internal-error";
        ExpiryHealth: {
            /** @example 0 */
            lag_seconds: number | null;
            /**
             * Format: date-time
             * @example 2026-11-23T12:00:00.000Z
             */
            last_success_time: string | null;
        };
        IssuanceInfo: {
            /**
             * Format: date-time
             * @description When as many workers were ready as are expected, for the first time.
             * @example 2026-11-23T12:04:30.500Z
             */
            completed_time: string | null;
            /**
             * Format: date-time
             * @example 2026-11-23T12:00:00.000Z
             */
            creation_time: string;
            /** @example Analysis of run 3 */
            description: string | null;
            /**
             * Format: date-time
             * @description Null while the cluster lives.
             * @example null
             */
            end_time: string | null;
            /**
             * Format: date-time
             * @example 2026-11-24T12:00:00.000Z
             */
            expiration_time: string;
            /**
             * Format: date-time
             * @description When the master announced that it had failed. Null if it was ready later.
             * @example null
             */
            failed_time: string | null;
            /**
             * @description How often the master's address was fetched. Every worker does it once, also those of old images, which do not join.
             * @example 3
             */
            fetches: number;
            /**
             * Format: date-time
             * @description When a worker first fetched the address of the master.
             * @example 2026-11-23T12:04:01.125Z
             */
            first_fetch_time: string | null;
            /**
             * @description The first four characters of the PIN.
             * @example enic
             */
            hint: string;
            /** @example uV3VwX0GqgbeHNhFbVQXhA */
            id: string;
            /**
             * @description How often the master was replaced or removed: `master_ip` was changed, removed or added again, or `master_ready` was removed.
             * @example 0
             */
            master_changes: number;
            /**
             * Format: date-time
             * @description When the master registered.
             * @example 2026-11-23T12:03:10.500Z
             */
            master_time: string | null;
            /**
             * @description Null until it is known. `paired` as soon as a worker has fetched the address of the master, and as many have come as are expected; `incomplete` when fewer had come by the end; the others when the cluster has ended.
             * @example paired
             * @enum {string|null}
             */
            outcome: "paired" | "incomplete" | "lonely_master" | "lonely_worker" | "unused" | "revoked" | "deleted" | null;
            /** @example mcurie */
            owner: string;
            /**
             * Format: date-time
             * @description When the master was announced as ready.
             * @example 2026-11-23T12:04:00.250Z
             */
            ready_time: string | null;
            /**
             * @description How often a machine other than the registered master tried to register. The service cannot know which of them is yours.
             * @example 0
             */
            second_masters: number;
            /**
             * @example ready
             * @enum {string}
             */
            state: "issued" | "master_registered" | "ready" | "failed" | "ended";
            workers: components["schemas"]["WorkersInfo"];
        };
        IssuancePage: {
            issuances: components["schemas"]["IssuanceInfo"][];
            /**
             * @description Send it as `cursor` to get the next page. Null on the last page.
             * @example MTc5NTQzNTIwMDAwMC51VjNWd1gwR3FnYmVITmhGYlZRWGhB
             */
            next_cursor: string | null;
        };
        IssuedCluster: {
            /**
             * Format: date-time
             * @example 2026-11-23T12:00:00.000Z
             */
            creation_time: string;
            /**
             * @description Shown only once.
             * @example enico1qq0oey
             */
            pin: string;
        };
        KeyChange: {
            /** @example master_ip */
            key?: string;
            /**
             * @description One line, not blank. Under `master_ip`: an IPv4 or IPv6 address or an RFC 1123 host name.
             * @example 10.10.25.5
             */
            value?: string;
        };
        KeyItem: {
            /** @example master_ip */
            key: string;
            /**
             * @description One line, not blank. Under `master_ip`: an IPv4 or IPv6 address or an RFC 1123 host name.
             * @example 10.10.25.5
             */
            value: string;
        };
        Liveness: {
            /** @enum {string} */
            status: "up";
        };
        MemberChange: {
            /**
             * @description IPv4 or IPv6, under which the other machines reach it.
             * @example 10.10.25.7
             */
            address: string;
            /**
             * @description One line for people. A blank one counts as none.
             * @example condor_master is running
             */
            detail?: string | null;
            /**
             * @description `waiting`: it waits for its master. `ready`: it works. `failed`: it will not work; `detail` may have the reason.
             * @example ready
             */
            state: components["schemas"]["MemberState"];
        };
        MemberItem: {
            /**
             * @description IPv4 or IPv6, under which the other machines reach it.
             * @example 10.10.25.7
             */
            address: string;
            /** @example condor_master is running */
            detail: string | null;
            /**
             * Format: date-time
             * @example 2026-11-23T12:01:00.000Z
             */
            joined_time: string;
            /** @example worker-1 */
            name: string;
            /**
             * @description `waiting`: it waits for its master. `ready`: it works. `failed`: it will not work; `detail` may have the reason.
             * @example ready
             */
            state: components["schemas"]["MemberState"];
            /**
             * Format: date-time
             * @description When it last changed.
             * @example 2026-11-23T12:02:00.000Z
             */
            updated_time: string;
        };
        /**
         * @description `waiting`: it waits for its master. `ready`: it works. `failed`: it will not work; `detail` may have the reason.
         * @enum {string}
         */
        MemberState: "waiting" | "ready" | "failed";
        NewCluster: {
            /**
             * @description A note for yourself, shown in the list. One line.
             * @example Analysis of run 3
             */
            description?: string;
            /**
             * @description How long the PIN lives: seconds, or a duration such as `90m` or `12h`. From 10 minutes to the life of PINs at this service, which is the default.
             * @example 12h
             */
            ttl?: number | string;
            /**
             * @description How many workers are expected.
             * @example 8
             */
            workers?: number;
        };
        Problem: {
            code: components["schemas"]["ErrorCode"];
            detail: string;
            /** @description The messages for each invalid field. */
            errors?: {
                [key: string]: string[];
            };
            status: number;
            title: string;
        };
        Readiness: {
            /**
             * @description The database of issued PINs. While it is down, no PIN can be issued or listed. Virtual machines can still pair, so it does not affect `status`.
             * @example up
             * @enum {string}
             */
            database: "up" | "down";
            expiry: components["schemas"]["ExpiryHealth"];
            /**
             * @description The identity provider. While it is down, nobody can sign in. Virtual machines do not need it, so it does not affect `status`.
             * @example up
             * @enum {string}
             */
            sso: "up" | "down";
            /**
             * @description Whether requests should be sent to this replica, as the status code says too.
             * @example up
             * @enum {string}
             */
            status: "up" | "down";
            /**
             * @description The storage of clusters. While it or a part of it is down, requests for clusters are answered 503. A replica that has reached it once keeps `status` up, because other replicas would give the same answer. One that has never reached it is `down`, because its configuration may be wrong.
             * @example up
             * @enum {string}
             */
            storage: "up" | "down";
            /**
             * @description Problems that the operator should fix, although the service works.
             * @example []
             */
            warnings: string[];
        };
        WorkersInfo: {
            /**
             * @description How many are expected. Null if that is not known.
             * @example 8
             */
            expected: number | null;
            /**
             * @description How many of them have failed.
             * @example 0
             */
            failed: number;
            /**
             * @description How many have joined.
             * @example 6
             */
            joined: number;
            /**
             * @description How many of them are ready.
             * @example 5
             */
            ready: number;
        };
    };
    responses: {
        /** @description `bad-request` */
        "bad-request": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "title": "Bad Request",
                 *       "status": 400,
                 *       "code": "bad-request",
                 *       "detail": "The request cannot be understood."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `body-too-large` */
        "body-too-large": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "title": "Payload Too Large",
                 *       "status": 413,
                 *       "code": "body-too-large",
                 *       "detail": "The body is too large."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `headers-too-large` */
        "headers-too-large": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "title": "Request Header Fields Too Large",
                 *       "status": 431,
                 *       "code": "headers-too-large",
                 *       "detail": "The URL and the headers are too large: at most 16 KiB."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `request-timeout` */
        "request-timeout": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "title": "Request Timeout",
                 *       "status": 408,
                 *       "code": "request-timeout",
                 *       "detail": "The request did not arrive in time."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    issuePin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["NewCluster"];
                "application/x-www-form-urlencoded": components["schemas"]["NewCluster"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The URL of the cluster. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedCluster"];
                };
            };
            /** @description `bad-request`, `invalid-body` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `sign-in-required`, `invalid-token` */
            401: {
                headers: {
                    /** @description RFC 6750. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `cross-site`, `role-required` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["request-timeout"];
            /** @description `body-too-large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-pins`, `too-many-requests` */
            429: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `sso-unavailable`, `sso-misconfigured`, `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCluster: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                pin: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterInfo"];
                };
            };
            400: components["responses"]["bad-request"];
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["request-timeout"];
            413: components["responses"]["body-too-large"];
            /** @description `too-many-requests` */
            429: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    endCluster: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                pin: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad-request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["request-timeout"];
            /** @description `body-too-large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-requests` */
            429: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    watchCluster: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                pin: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Open until the cluster ends or the client disconnects. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example retry: 3141
                     *     event: state
                     *     data: {"state":"issued","expiration_time":"2026-11-24T12:00:00.000Z","master_address":null,"master_registered_time":null,"master_ready_time":null,"failed_time":null,"second_masters":0,"master_changes":0,"fetches":0,"workers":{"expected":8,"joined":0,"ready":0,"failed":0},"completed_time":null}
                     *
                     *     event: master_registered
                     *     data: {"address":"10.10.25.5","time":"2026-11-23T12:01:00.000Z"}
                     *
                     *     event: second_master
                     *     data: {"second_masters":1}
                     *
                     *     event: master_changed
                     *     data: {"master_changes":1}
                     *
                     *     event: master_ready
                     *     data: {"time":"2026-11-23T12:02:00.000Z"}
                     *
                     *     event: worker_fetched
                     *     data: {"fetches":3}
                     *
                     *     event: members
                     *     data: {"expected":8,"joined":8,"ready":8,"failed":0}
                     *
                     *     event: complete
                     *     data: {"time":"2026-11-23T12:04:30.500Z"}
                     *
                     *     event: ended
                     *     data: {"reason":"expired"}
                     */
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["bad-request"];
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["request-timeout"];
            413: components["responses"]["body-too-large"];
            /** @description `too-many-requests` */
            429: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                pin: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyItem"][];
                };
            };
            400: components["responses"]["bad-request"];
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["request-timeout"];
            413: components["responses"]["body-too-large"];
            /** @description `too-many-requests` */
            429: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    addKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                pin: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyItem"];
                "application/x-www-form-urlencoded": components["schemas"]["KeyItem"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description `true` if this key had already been added with this value by this client. */
                    "Idempotent-Replayed"?: "true";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyItem"];
                };
            };
            /** @description `bad-request`, `invalid-body` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["request-timeout"];
            /** @description `key-exists`, `cluster-full` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body-too-large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-requests` */
            429: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description RFC 7240. A wait that is not a whole number of seconds is ignored; one that is too long is shortened. */
                Prefer?: string;
            };
            path: {
                key: string;
                pin: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. Text unless `Accept` prefers JSON. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyItem"];
                    /** @example master_ip: 10.10.25.5 */
                    "text/plain": string;
                };
            };
            400: components["responses"]["bad-request"];
            /** @description `not-found` */
            404: {
                headers: {
                    /** @description `failed` if the master has failed. `master_failed` has the reason. */
                    "Cluster-State"?: "failed";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `not-acceptable` */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            408: components["responses"]["request-timeout"];
            413: components["responses"]["body-too-large"];
            /** @description `too-many-requests` */
            429: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
        };
    };
    replaceKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
                pin: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyItem"];
                "application/x-www-form-urlencoded": components["schemas"]["KeyItem"];
            };
        };
        responses: {
            /** @description Done. Text unless `Accept` prefers JSON. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyItem"];
                    /** @example master_ip: 10.10.25.5 */
                    "text/plain": string;
                };
            };
            /** @description `bad-request`, `invalid-body` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `invalid-token` */
            401: {
                headers: {
                    /** @description RFC 6750. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `cross-site`, `role-required`, `master-locked` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `not-acceptable` */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            408: components["responses"]["request-timeout"];
            /** @description `key-exists` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `body-too-large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `unsupported-media-type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `too-many-requests` */
            429: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `sso-unavailable`, `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
        };
    };
    removeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
                pin: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad-request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `invalid-token` */
            401: {
                headers: {
                    /** @description RFC 6750. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `cross-site`, `role-required`, `master-locked` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `not-acceptable` */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            408: components["responses"]["request-timeout"];
            /** @description `body-too-large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `unsupported-media-type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `too-many-requests` */
            429: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `sso-unavailable`, `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
        };
    };
    changeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
                pin: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyChange"];
                "application/x-www-form-urlencoded": components["schemas"]["KeyChange"];
            };
        };
        responses: {
            /** @description Done. Text unless `Accept` prefers JSON. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyItem"];
                    /** @example master_ip: 10.10.25.5 */
                    "text/plain": string;
                };
            };
            /** @description `bad-request`, `invalid-body` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `invalid-token` */
            401: {
                headers: {
                    /** @description RFC 6750. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `cross-site`, `role-required`, `master-locked` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `not-acceptable` */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            408: components["responses"]["request-timeout"];
            /** @description `key-exists` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `body-too-large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `unsupported-media-type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `too-many-requests` */
            429: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `sso-unavailable`, `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
        };
    };
    listMembers: {
        parameters: {
            query?: {
                /** @description How many members there must be, in this state if `state` is given; fewer are 404 `too-few-members`. */
                at_least?: number;
                /** @description Only members in this state. */
                state?: components["schemas"]["MemberState"];
            };
            header?: {
                /** @description The `ETag` of the list that the client has (RFC 9110, section 13.1.2). */
                "If-None-Match"?: string;
                /** @description RFC 7240. A wait that is not a whole number of seconds is ignored; one that is too long is shortened. */
                Prefer?: string;
            };
            path: {
                pin: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. Text unless `Accept` prefers JSON. */
            200: {
                headers: {
                    /** @description Of this list in this format, the same on every replica. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberItem"][];
                    /**
                     * @example 10.10.25.7 worker-1
                     *     10.10.25.8 worker-2
                     */
                    "text/plain": string;
                };
            };
            /** @description The client has this list. */
            304: {
                headers: {
                    /** @description Of this list in this format, the same on every replica. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid-query` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `not-found`, `too-few-members` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `not-acceptable` */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            408: components["responses"]["request-timeout"];
            413: components["responses"]["body-too-large"];
            /** @description `too-many-requests` */
            429: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
        };
    };
    getMember: {
        parameters: {
            query?: never;
            header?: {
                /** @description RFC 7240. A wait that is not a whole number of seconds is ignored; one that is too long is shortened. */
                Prefer?: string;
            };
            path: {
                /** @description A host name (RFC 1123). Case does not matter. */
                name: string;
                pin: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. Text unless `Accept` prefers JSON. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberItem"];
                    /** @example 10.10.25.7 worker-1 */
                    "text/plain": string;
                };
            };
            /** @description `bad-request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `not-acceptable` */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            408: components["responses"]["request-timeout"];
            413: components["responses"]["body-too-large"];
            /** @description `too-many-requests` */
            429: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
        };
    };
    putMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A host name (RFC 1123). Case does not matter. */
                name: string;
                pin: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberChange"];
                "application/x-www-form-urlencoded": components["schemas"]["MemberChange"];
            };
        };
        responses: {
            /** @description Done. Text unless `Accept` prefers JSON. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberItem"];
                    /** @example 10.10.25.7 worker-1 */
                    "text/plain": string;
                };
            };
            /** @description It has joined. Text unless `Accept` prefers JSON. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberItem"];
                    /** @example 10.10.25.7 worker-1 */
                    "text/plain": string;
                };
            };
            /** @description `bad-request`, `invalid-body` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `not-acceptable` */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            408: components["responses"]["request-timeout"];
            /** @description `member-exists`, `cluster-full` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `body-too-large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `unsupported-media-type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `too-many-requests` */
            429: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
        };
    };
    removeMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A host name (RFC 1123). Case does not matter. */
                name: string;
                pin: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad-request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `not-acceptable` */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            408: components["responses"]["request-timeout"];
            /** @description `body-too-large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `unsupported-media-type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `too-many-requests` */
            429: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
            /** @description `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    /** @example  */
                    "text/plain": string;
                };
            };
        };
    };
    listIssuances: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the previous page. */
                cursor?: string;
                /** @description The most PINs on a page. */
                limit?: number;
                outcome?: "paired" | "incomplete" | "lonely_master" | "lonely_worker" | "unused" | "revoked" | "deleted";
                /** @description The owner of the PINs; by default yourself. Other users, and `*` for all users, need the admin role. */
                owner?: string;
                /** @description Issued at this time or later. */
                since?: string;
                state?: "issued" | "master_registered" | "ready" | "failed" | "ended";
                /** @description Issued before this time. */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuancePage"];
                };
            };
            /** @description `invalid-query` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `sign-in-required`, `invalid-token` */
            401: {
                headers: {
                    /** @description RFC 6750. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `cross-site`, `role-required` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["request-timeout"];
            413: components["responses"]["body-too-large"];
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `sso-unavailable`, `sso-misconfigured`, `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getIssuance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuanceInfo"];
                };
            };
            400: components["responses"]["bad-request"];
            /** @description `sign-in-required`, `invalid-token` */
            401: {
                headers: {
                    /** @description RFC 6750. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `cross-site`, `role-required` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["request-timeout"];
            413: components["responses"]["body-too-large"];
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `sso-unavailable`, `sso-misconfigured`, `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeIssuance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad-request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `sign-in-required`, `invalid-token` */
            401: {
                headers: {
                    /** @description RFC 6750. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `cross-site`, `role-required` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["request-timeout"];
            /** @description `body-too-large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `sso-unavailable`, `sso-misconfigured`, `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    watchIssuances: {
        parameters: {
            query?: {
                /** @description The owner of the PINs; by default yourself. Other users, and `*` for all users, need the admin role. */
                owner?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Open until the client disconnects, or the user signs out or loses the role. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example retry: 3141
                     *     event: issuance
                     *     data: {"id":"uV3VwX0GqgbeHNhFbVQXhA","hint":"enic","owner":"mcurie","description":"Analysis of run 3","state":"issued","outcome":null,"creation_time":"2026-11-23T12:00:00.000Z","expiration_time":"2026-11-24T12:00:00.000Z","master_time":null,"ready_time":null,"failed_time":null,"first_fetch_time":null,"completed_time":null,"end_time":null,"fetches":0,"workers":{"expected":8,"joined":0,"ready":0,"failed":0},"second_masters":0,"master_changes":0}
                     *
                     *     event: synced
                     *     data: {"more":false}
                     */
                    "text/event-stream": string;
                };
            };
            /** @description `invalid-query` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `sign-in-required`, `invalid-token` */
            401: {
                headers: {
                    /** @description RFC 6750. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `cross-site`, `role-required` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            408: components["responses"]["request-timeout"];
            413: components["responses"]["body-too-large"];
            /** @description `too-many-requests` */
            429: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            431: components["responses"]["headers-too-large"];
            /** @description `internal-error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `sso-unavailable`, `sso-misconfigured`, `storage-unavailable` */
            503: {
                headers: {
                    /** @description In seconds. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Liveness"];
                };
            };
            400: components["responses"]["bad-request"];
            408: components["responses"]["request-timeout"];
            413: components["responses"]["body-too-large"];
            431: components["responses"]["headers-too-large"];
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            400: components["responses"]["bad-request"];
            408: components["responses"]["request-timeout"];
            413: components["responses"]["body-too-large"];
            431: components["responses"]["headers-too-large"];
            /** @description Not yet: the storage has not been reached since the start. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
}
