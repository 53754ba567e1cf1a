import { describeClusterStore } from './cluster-store.contract.js';
import { ModelClusterStore } from './model-cluster.store.js';

describeClusterStore({
  name: 'The model',
  start: async (clock) => ({
    open: async () => ({ clusters: new ModelClusterStore(clock), close: async () => undefined }),
    stop: async () => undefined,
  }),
});
