// SPDX-License-Identifier: Apache-2.0
// What a refusal means to a person: the server's own title where there is one, our words where there is none.
// Its detail speaks of fields and states in the words of programs and is not shown.
import { ApiProblem } from '../lib/api';
import { t } from './text';

export function problemText(error: unknown): string {
  if (error instanceof ApiProblem) {
    if (error.title) return error.title;
    if (error.code === 'unreachable') return t('无法连接服务器。请检查网络，稍后再试。');
    return t('请求未能完成（{code}）。请稍后再试。', { code: error.code });
  }
  return t('页面发生错误。请刷新后再试。');
}
