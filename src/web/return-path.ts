/** The pages that a sign-in may lead back to. */
const PAGES = /^\/(?:new|pin|clusters\/[\w-]{1,64}(?:\/(?:contexts|start))?)?$/;

/** The path of a page of this service: `path` if it is one, otherwise the first page. */
export function returnPath(path: unknown): string {
  return typeof path === 'string' && PAGES.test(path) ? path : '/';
}
