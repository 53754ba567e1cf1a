import { type Browser, chromium } from 'playwright-core';

/** Debian's Chromium, as a test may run it: as root, and asking nobody but us. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking'],
  });
}
