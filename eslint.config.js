// What is looked for in the pages' modules and their tests.
import js from "@eslint/js";
import globals from "globals";

const RULES = {
  curly: ["error", "multi-line"],
  eqeqeq: "error",
  "no-implicit-globals": "error",
  "no-shadow": "error",
  "no-throw-literal": "error",
  "no-unused-private-class-members": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "prefer-template": "error",
};

export default [
  { ignores: [".venv/", "data/", "htmlcov/"] },
  js.configs.recommended,
  { files: ["static/js/**/*.js"], languageOptions: { globals: globals.browser }, rules: RULES },
  { files: ["static/js/base/theme.js"], languageOptions: { sourceType: "script" } },
  { files: ["tests/js/**/*.js", "eslint.config.js"], languageOptions: { globals: globals.node }, rules: RULES },
];
