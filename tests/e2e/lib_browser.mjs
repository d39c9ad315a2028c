// Headless Chromium for tests. Not a suite.
import puppeteer from 'puppeteer-core';

export const launch = (options = {}) => puppeteer.launch({ ...options, executablePath: process.env.LNTPAY_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
