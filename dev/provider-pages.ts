/** Where the person says who they are. */
export function signInPage(clientId: string): string {
  return page(
    'Development sign-in',
    `<p>This stands in for CERN SSO and believes everyone: no password, any name.
      You are signing in to <strong>${escapeHtml(clientId)}</strong>.</p>
    <form method="post">
      <label for="user">User</label>
      <input id="user" name="user" value="mcurie" required autofocus autocomplete="username">
      <label for="roles">Roles</label>
      <input id="roles" name="roles" autocomplete="off" aria-describedby="roles-help">
      <small id="roles-help">Optional, separated by spaces.</small>
      <button>Sign in</button>
    </form>`,
  );
}

/** Asks whether to sign out; like Keycloak, it does not ask if the client proved whose session it is. */
export function signOutPage(form: string, isProven: boolean): string {
  const button = '<button form="op.logoutForm" name="logout" value="yes">Sign out</button>';
  const submit = `<input form="op.logoutForm" type="hidden" name="logout" value="yes">
    <script>document.forms[0].submit()</script>`;
  return page('Development sign-out', form + (isProven ? submit : button));
}

/** Where the person types the code that the command line shows (RFC 8628). */
export function deviceCodePage(form: string, wasWrong: boolean): string {
  const problem = wasWrong ? '<p role="alert">This code is not valid. Check it.</p>' : '';
  return page(
    'Development device sign-in',
    `${problem}<p>Type the code that the command line shows.</p>${form}
    <button form="op.deviceInputForm">Continue</button>`,
  );
}

/** Where the person confirms that it is their command line that shows this code. */
export function deviceConfirmPage(form: string, clientId: string, code: string): string {
  return page(
    'Development device sign-in',
    `<p>Does <strong>${escapeHtml(clientId)}</strong> show the code <code>${escapeHtml(code)}</code>?</p>
    ${form}<button form="op.deviceConfirmForm">Yes, sign in</button>`,
  );
}

/** A page with this text as its only paragraph. */
export function messagePage(title: string, message: string): string {
  return page(title, `<p>${escapeHtml(message)}</p>`);
}

function page(title: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <link rel="icon" href="data:,">
    <title>${title}</title>
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif }
      main { max-width: 26rem; margin: 3rem auto; padding: 0 1rem }
      label, button { display: block; margin-top: 1rem }
      input { box-sizing: border-box; width: 100% }
      input, button { font: inherit; padding: 0.4rem 0.8rem }
    </style>
  </head>
  <body>
    <main>
      <h1>${title}</h1>
      ${body}
    </main>
  </body>
</html>
`;
}

function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
