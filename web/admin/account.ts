// SPDX-License-Identifier: Apache-2.0
// What an account may be called, its centres whatever way they came, and the list's order. No DOM, no text.
import type { Account, Role } from '../lib/model';

export const ROLES: Role[] = ['desk', 'lawyer', 'supervisor', 'administrator'];

/** Whether a name can be an account's: short, typed without an input method, no blanks. */
export function accountName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._@-]{2,63}$/.test(name);
}

export function centreIds(account: Pick<Account, 'centres'>): string[] {
  return account.centres.map((centre) => (typeof centre === 'string' ? centre : centre.id));
}

function words(account: Account): string {
  const { display_name } = account;
  const shown = typeof display_name === 'string' ? display_name : `${display_name.zh} ${display_name.en}`;
  return `${account.name} ${shown}`.toLowerCase();
}

/** The accounts that hold the text, those in use first, then by name. */
export function filterAccounts(accounts: Account[], sought: string): Account[] {
  const text = sought.trim().toLowerCase();
  const active = (account: Account) => (account.state === 'active' ? 0 : 1);
  return accounts
    .filter((account) => words(account).includes(text))
    .sort((a, b) => active(a) - active(b) || a.name.localeCompare(b.name));
}
