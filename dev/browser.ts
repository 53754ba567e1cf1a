import { type Browser, chromium } from 'playwright-core';
import { type Browser as Firefox, launch } from 'puppeteer-core';

/** Debian's Chromium, able to run as root, and without network requests of its own. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking'],
  });
}

/** Debian's Firefox, by WebDriver BiDi: Playwright needs a Firefox of its own, which Debian does not have. */
export function launchFirefox(): Promise<Firefox> {
  return launch({
    browser: 'firefox',
    executablePath: '/usr/bin/firefox-esr',
    timeout: 60_000,
  });
}
