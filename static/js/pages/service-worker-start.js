// Lets the recorder open without a network from now on; browsers allow that on https and localhost alone.

const address = document.querySelector('meta[name="service-worker"]')?.content;
if (address) navigator.serviceWorker?.register(address).catch(() => {}); // certificates that nobody vouches for are refused
