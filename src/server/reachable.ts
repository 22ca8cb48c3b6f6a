// Under which addresses a server can be reached that listens on all of this machine's.

import { networkInterfaces } from 'node:os';

type Interfaces = ReturnType<typeof networkInterfaces>;

/** @param url with 0.0.0.0 or [::] the same under each address that other machines may reach; else itself */
export function reachableUrls(url: string, interfaces: Interfaces = networkInterfaces()): string[] {
  const { hostname } = new URL(url);
  if (hostname !== '0.0.0.0' && hostname !== '[::]') return [url];
  const found = Object.values(interfaces)
    .flatMap((entries) => entries ?? [])
    .filter(({ internal, family, address }) => !internal && (family === 'IPv4' || (hostname === '[::]' && !/^fe80:/i.test(address))))
    // Version 4 first: that is what people can type.
    .toSorted((a, b) => a.family.localeCompare(b.family))
    .map(({ family, address }) => url.replace(hostname, family === 'IPv6' ? `[${address}]` : address));
  return found.length > 0 ? found : [url];
}
