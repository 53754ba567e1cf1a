import { Command } from '@commander-js/extra-typings';
import { CLUSTER, jsonOption, serviceOption, tokenOption } from '../options.ts';
import { hint, printJson } from '../output.ts';
import { targetOf } from '../target.ts';

export function revokeCommand() {
  return new Command('revoke')
    .summary('end a cluster at once')
    .description('Its PIN cannot be used any more. Machines that have paired are not affected.')
    .argument('[cluster]', CLUSTER)
    .addOption(jsonOption)
    .addOption(serviceOption)
    .addOption(tokenOption)
    .addHelpText('after', '\nExample:\n  cernvm-pairing revoke enic\n')
    .action(async (cluster, options) => {
      const target = await targetOf(cluster, options);
      const { client, ask } = target.service;
      if ('pin' in target) {
        const path = { pin: target.pin };
        await ask(client.DELETE('/api/v1/clusters/{pin}', { params: { path } }));
      } else {
        const path = { id: target.id };
        await ask(client.DELETE('/api/v1/issuances/{id}', { params: { path } }));
      }
      if (options.json) printJson({ revoked: true });
      else hint('Ended. No machine can use its PIN any more.');
    });
}
