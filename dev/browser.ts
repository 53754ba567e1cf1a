import { type Browser, chromium } from 'playwright-core';
import { type Browser as Firefox, launch } from 'puppeteer-core';

/**
 * Debian's Chromium without a window, able to run as root, and without network requests of its own. It has the same
 * engine as `chromium --headless`, which starts a whole desktop browser and uses four times as much CPU.
 */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium-headless-shell',
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
