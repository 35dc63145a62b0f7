// Moves the set-up token from the address, where servers do not see it, into its field.

const field = document.querySelector("[data-setup-token]");
const token = decodeURIComponent(location.hash.slice(1));

if (field && token) {
  field.value = token;
  history.replaceState(null, "", location.pathname);
  document.getElementById("id_username")?.focus();
}
