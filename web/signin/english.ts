// SPDX-License-Identifier: Apache-2.0
export const english: Record<string, string> = {};
