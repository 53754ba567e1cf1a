/**
 * Contexts of machines: writes PIN, role and service into them, and gives advice on them. Shared by the page and the
 * command line, so it uses neither the DOM nor Node.
 */
export { adviseOn, type Advice } from './advice.ts';
export { examples } from './examples.ts';
export {
  MAX_WORKERS,
  PLACEHOLDER,
  type Pairing,
  type Role,
  WORKERS_PLACEHOLDER,
} from './pairing.ts';
export { renderContext, type Rendered } from './render.ts';
export { openUserData, type UserData, wrapUserData } from './user-data.ts';
