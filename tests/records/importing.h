/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "tests/support/fixture.h"

G_BEGIN_DECLS

/* Imports lines as one file of one batch, without end. Each call is another file. */
json_t *import_lines (HjFixture *f, const char *const *lines);
json_t *
import_text (HjFixture *f, const char *file, gint64 first_line, const char *text, gboolean last);
json_t *import_line (HjFixture *f, const char *line);

void take (HjFixture *f, const char *line);
void take_world (HjFixture *f);

void assert_counts (json_t *answer, int applied, int unchanged, int refused);
void assert_problem (json_t *answer, gsize index, gint64 line, const char *severity,
    const char *code, const char *field);
void refuse (HjFixture *f, const char *line, const char *code, const char *field);
void warn (HjFixture *f, const char *line, const char *code, const char *field);

char *record (const char *kind, const char *key, int version, const char *data);

/* Numbers that are right, for tests. */
#define CENTRE "440100111"
#define FIRM "31440000MDEM00011F"
#define LICENCE "14401200911900001"
#define CARD "440101198803120031"
#define STAY "440100111202510010001"

G_END_DECLS
