// Where a page is said to be: addresses that the device which opens it can reach.

import { expect, test } from 'vitest';
import { announcement } from '../../src/cli/announce.js';
import { reachableUrls } from '../../src/server/reachable.js';

const entry = (address: string, family: 'IPv4' | 'IPv6', internal = false) => ({
  address,
  family,
  internal,
  netmask: '',
  mac: '',
  cidr: null,
  scopeid: 0,
});
const interfaces = {
  lo: [entry('127.0.0.1', 'IPv4', true), entry('::1', 'IPv6', true)],
  wlan0: [entry('fe80::1', 'IPv6'), entry('fd00::7', 'IPv6'), entry('192.0.2.7', 'IPv4')],
};

test('all addresses are this machine’s own ones, without those that others cannot reach', () => {
  expect(reachableUrls('http://0.0.0.0:8423/?token=abc', interfaces)).toEqual(['http://192.0.2.7:8423/?token=abc']);
  expect(reachableUrls('http://[::]:8423/', interfaces)).toEqual(['http://192.0.2.7:8423/', 'http://[fd00::7]:8423/']);
  expect(reachableUrls('http://127.0.0.1:8423/', interfaces)).toEqual(['http://127.0.0.1:8423/']);
  expect(reachableUrls('http://0.0.0.0:8423/', {})).toEqual(['http://0.0.0.0:8423/']);
});

test('a code for phones where people look, and a phone can get there', () => {
  const code = /[█▀▄]{8}/;
  expect(announcement('http://192.0.2.7:8423/', 'open it', true)).toMatch(/^http:\/\/192\.0\.2\.7:8423\/ {2}open it\n\n/);
  expect(announcement('http://192.0.2.7:8423/', 'open it', true)).toMatch(code);
  expect(announcement('http://192.0.2.7:8423/', 'open it', false)).toBe('http://192.0.2.7:8423/  open it');
  expect(announcement('http://127.0.0.1:8423/', 'open it', true)).toBe('http://127.0.0.1:8423/  open it');
  expect(announcement('http://[::1]:8423/', 'open it', true)).toBe('http://[::1]:8423/  open it');
});
