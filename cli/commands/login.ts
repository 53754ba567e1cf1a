import { Command } from '@commander-js/extra-typings';
import { removeCredentials, saveCredentials } from '../credentials.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { jsonOption, serviceOption } from '../options.ts';
import { hint, printJson, stderr } from '../output.ts';
import { explain } from '../failures.ts';
import { UnreachableError } from '../../client/client.ts';
import { serviceUrlOf } from '../service.ts';
import { fetchServiceInfo } from '../service-info.ts';
import { signIn } from '../sign-in.ts';

export function loginCommand() {
  return new Command('login')
    .summary('sign in with CERN SSO')
    .description(
      'Prints an address and a code: open the address in a browser, on this or another device, and confirm the ' +
        'code. The sign-in is stored, readable only by you, and renewed by itself. In CI, set PAIRING_TOKEN instead.',
    )
    .addOption(serviceOption)
    .addOption(jsonOption)
    .addHelpText(
      'after',
      '\nExample:\n  cernvm-pairing login --service https://pairing.example.org\n',
    )
    .action(async (options) => {
      const url = await serviceUrlOf(options.service);
      const info = await fetchServiceInfo(url).catch((cause: unknown) => {
        throw explain(new UnreachableError('', { cause }), url);
      });
      if (!info?.client_id) {
        throw new CommandError(
          'This service offers no sign-in for the command line. Set PAIRING_TOKEN to a bearer token instead.',
          exitCodes.signIn,
        );
      }
      const credentials = await signIn(info.issuer, info.client_id, (prompt) => {
        if (options.json) stderr.line(JSON.stringify(prompt));
        else {
          stderr.line(`Open ${prompt.addressWithCode ?? prompt.address}`);
          stderr.line(`and confirm the code ${stderr.colors.bold(prompt.code)}.`);
        }
      });
      await saveCredentials(url, credentials);
      if (options.json) printJson({ service_url: url, signed_in: true });
      else hint(`You are signed in at ${url}.`);
    });
}

export function logoutCommand() {
  return new Command('logout')
    .summary('forget the sign-in')
    .description('Removes the stored sign-in at this service.')
    .addOption(serviceOption)
    .addOption(jsonOption)
    .action(async (options) => {
      const url = await serviceUrlOf(options.service);
      const wasSignedIn = await removeCredentials(url);
      if (options.json) printJson({ service_url: url, was_signed_in: wasSignedIn });
      else
        hint(wasSignedIn ? `You are signed out of ${url}.` : `You were not signed in at ${url}.`);
    });
}
