// Moves the set-up token from the address, where servers do not see it, into its field.
import { listAs } from "../base/dom.js";

const [field] = listAs(document, "[data-setup-token]", HTMLInputElement);
const token = decodeURIComponent(location.hash.slice(1));

if (field && token) {
  field.value = token;
  history.replaceState(null, "", location.pathname);
  document.getElementById("id_username")?.focus();
}
