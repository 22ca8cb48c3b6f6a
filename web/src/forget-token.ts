// The token that came with the address is a cookie by now: it leaves the address bar, the history and what is copied from it.

const address = new URL(location.href);
if (address.searchParams.has('token')) {
  address.searchParams.delete('token');
  history.replaceState(history.state, '', address);
}

export {};
