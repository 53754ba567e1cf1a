/**
 * Contexts of machines: what pairing writes into them, and what a person should know of them. Shared by the
 * page and, later, a command line tool: no DOM and nothing of Node in it.
 */
export { adviseOn, type Advice } from './advice.ts';
export { examples } from './examples.ts';
export { PLACEHOLDER, type Pairing, type Role } from './pairing.ts';
export { renderContext, type Rendered } from './render.ts';
export { openUserData, type UserData, wrapUserData } from './user-data.ts';
