import type { Substitution } from '../../document/document.js';

/** Puts the environment's values for `${NAME}`; `$${` stands for `${` itself. A variable that is empty counts as set. */
export function substituteVariables(text: string, env: NodeJS.ProcessEnv): Substitution {
  const faults: string[] = [];
  const substituted = text.replace(/(\$?)\$\{([^}]*)(\}?)/g, (whole, dollar: string, name: string, end: string) => {
    if (dollar !== '') return whole.slice(1);
    if (end === '' || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      faults.push(notAName);
      return whole;
    }
    const value = env[name];
    if (value === undefined) faults.push(`the environment variable ${name} is not set`);
    return value ?? '';
  });
  return { text: substituted, faults };
}

const notAName =
  "a dollar sign and '{' begin a variable's name, which ends with '}'; double the dollar sign for the characters themselves";
