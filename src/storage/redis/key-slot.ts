/** How many slots a Redis Cluster has. */
export const SLOTS = 16_384;

const POLYNOMIAL = 0x1021;
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? POLYNOMIAL : 0);
  return crc;
});

/**
 * The slot of a key or of a sharded channel: CRC-16/XMODEM of its hash tag, or of all of it if it has none (Redis
 * Cluster specification, "Key distribution model" and "Hash tags").
 */
export function slotOf(key: string): number {
  const begin = key.indexOf('{') + 1;
  const end = begin > 0 ? key.indexOf('}', begin) : -1;
  const hashed = Buffer.from(end > begin ? key.slice(begin, end) : key);
  let crc = 0;
  for (const byte of hashed) crc = ((crc << 8) & 0xffff) ^ table[(crc >> 8) ^ byte]!;
  return crc % SLOTS;
}
