// SPDX-License-Identifier: Apache-2.0
// The name of a thing in both languages, as two fields.
import type { Words } from '../lib/model';
import { html } from '../ui/element';
import type { TemplateResult } from '../ui/element';
import type { FieldError } from '../ui/shapes';
import { inputField } from '../staff/view';
import { t } from '../ui/text';
import { textOf } from './form-view';

export function nameFields(name: Words | undefined, errors: FieldError[]): TemplateResult {
  const zh = typeof name === 'string' ? name : name?.zh ?? '';
  const en = typeof name === 'string' ? name : name?.en ?? '';
  return html`
    ${inputField({ id: 'name_zh', label: t('中文名称'), value: zh, lang: 'zh-CN', maxlength: 100, errors, required: true, testid: 'name-zh' })}
    ${inputField({ id: 'name_en', label: t('英文名称'), value: en, lang: 'en', maxlength: 100, errors, required: true, testid: 'name-en' })}`;
}

export function nameErrors(data: FormData): FieldError[] {
  const errors: FieldError[] = [];
  if (!textOf(data, 'name_zh')) errors.push({ field: 'name_zh', text: t('请输入中文名称。') });
  if (!textOf(data, 'name_en')) errors.push({ field: 'name_en', text: t('请输入英文名称。') });
  return errors;
}

export function namesOf(data: FormData): { zh: string; en: string } {
  return { zh: textOf(data, 'name_zh'), en: textOf(data, 'name_en') };
}
