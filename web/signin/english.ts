// SPDX-License-Identifier: Apache-2.0
export const english: Record<string, string> = {
  '登录': 'Sign in',
  '请输入账号。': 'Enter your account.',
  '请输入密码。': 'Enter your password.',
  '账号或密码不正确。': 'Account or password is not correct.',
  '尝试次数过多，请稍后再试。': 'Too many attempts. Please try again later.',
  '账号': 'Account',
  '密码': 'Password',
  '律师与在押当事人的视频会见依法不被监听。本平台没有录音录像功能。':
    'Video meetings between a lawyer and a detained client are by law not monitored. This platform has no means to record.',
};
