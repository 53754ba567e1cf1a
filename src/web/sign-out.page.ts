import { escapeHtml } from './html.js';

/** Says that the session here has ended, and leads to `url`, which ends the one at the provider. */
export function renderSignOutPage(url: string): string {
  const target = escapeHtml(url);
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Signing out</title>
<meta http-equiv="refresh" content="0; url=${target}">
<p>You are signed out here. <a href="${target}">Sign out of CERN SSO</a></p>
`;
}
