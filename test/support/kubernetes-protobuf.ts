/** The byte fields of a protobuf message by number, in order. */
function fieldsOf(message: Buffer): (number: number) => Buffer[] {
  const fields: [number, Buffer][] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const length = varint();
    if ((tag & 7) !== 2) continue; // a number, which has been read
    fields.push([tag >> 3, message.subarray(at, at + length)]);
    at += length;
  }
  return (number) => fields.filter(([each]) => each === number).map(([, bytes]) => bytes);
}

const textOf = ([bytes]: Buffer[]) => bytes?.toString() ?? '';

function mapOf(entries: Buffer[], encoding: BufferEncoding): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const field = fieldsOf(entry);
      return [textOf(field(1)), (field(2)[0] ?? Buffer.alloc(0)).toString(encoding)];
    }),
  );
}

/** Reads a Secret with a release as Helm sends it: protobuf in the envelope of Kubernetes. */
export function readSecret(body: Buffer): Record<string, unknown> {
  const envelope = fieldsOf(body.subarray('k8s\0'.length));
  const secret = fieldsOf(envelope(2)[0]!);
  const metadata = fieldsOf(secret(1)[0]!);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: textOf(metadata(1)), labels: mapOf(metadata(11), 'utf8') },
    data: mapOf(secret(2), 'base64'),
    type: textOf(secret(3)),
  };
}
