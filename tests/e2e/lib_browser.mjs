// Headless Chromium for tests. Not a suite.
import puppeteer from 'puppeteer-core';

export const launch = () => puppeteer.launch({ executablePath: process.env.LNTPAY_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
