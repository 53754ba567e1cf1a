import { type Browser, chromium } from 'playwright-core';

/** Debian's Chromium, able to run as root, and without network requests of its own. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking'],
  });
}
