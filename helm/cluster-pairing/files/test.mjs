// What `helm test` runs: says which part does not work. It issues no PIN and changes nothing.
const { SERVICE, HAS_CLIENT } = process.env;

const ask = (path) =>
  fetch(SERVICE + path, { redirect: 'manual', signal: AbortSignal.timeout(10_000) });

function report(works, part, consequence) {
  console.log(`${works ? 'ok' : 'NOT OK'}: ${part}${works ? '' : `. ${consequence}`}`);
  if (!works) process.exitCode = 1;
}

const unreachable = (error) => {
  report(
    false,
    SERVICE,
    `The service cannot be reached: ${error.cause?.message ?? error.message}.`,
  );
  process.exit();
};
const readiness = await ask('/health/ready').catch(unreachable);
const { storage, database, sso } = await readiness.json();
report(storage === 'up', 'Redis', 'No cluster forms: see the log of the service.');
report(database === 'up', 'the record database', 'Nobody gets a PIN: see the log of the service.');
// A trial has no client yet.
if (HAS_CLIENT === 'yes') {
  report(sso === 'up', 'CERN SSO', 'Nobody can sign in: see the log of the service.');
}
// A machine that asks for an unknown PIN must get 404.
const key = await ask('/api/v1/clusters/000000000000/keys/master_ready').catch(unreachable);
report(key.status === 404, 'a poll', `It was answered ${key.status} instead of 404.`);
