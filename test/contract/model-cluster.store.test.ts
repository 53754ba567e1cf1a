import { ClusterSignals } from '../../src/clusters/cluster.signals.js';
import { describeClusterStore } from './cluster-store.contract.js';
import { ModelClusterStore } from './model-cluster.store.js';

describeClusterStore({
  name: 'The model',
  start: async (clock) => ({
    open: async () => ({
      clusters: new ModelClusterStore(clock),
      signals: new ClusterSignals(),
      close: async () => undefined,
    }),
    stop: async () => undefined,
  }),
});
