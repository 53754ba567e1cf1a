/** Calls `act` so many times, with the numbers from 0 on, of which at most `atOnce` run at a time. */
export async function inLanes(
  count: number,
  atOnce: number,
  act: (n: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
