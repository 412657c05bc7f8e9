// SPDX-License-Identifier: Apache-2.0
// What an account may be called, its centres whatever way they came, and the list's order. No DOM, no text.
import type { Account, Role } from '../lib/model';

export const ROLES: Role[] = ['desk', 'lawyer', 'supervisor', 'administrator'];

/** As src/access/password.h. */
export const PASSWORD_MIN = 10;

/** Scope `all`: every centre, later ones too. The server tells it beside the members of docs/protocol.md. */
export type Scoped<T> = T & { scope?: string };

export function seesAll(account: object | null | undefined): boolean {
  return (account as { scope?: string } | null | undefined)?.scope === 'all';
}

/** The centres chosen in a form, or all of them. */
export function reach(data: FormData): { centres?: string[]; scope?: 'all' } {
  return data.has('everywhere') ? { scope: 'all' } : { centres: data.getAll('centres').map(String) };
}

/** Whether a name can be an account's: short, typed without an input method, no blanks. */
export function accountName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._@-]{1,63}$/.test(name);
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
