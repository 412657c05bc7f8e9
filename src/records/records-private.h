/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/records/facts.h"

/* Of a case's many numbers the one to show: that of the latest stage. Stands inside a query where `c` is the case. */
#define HJ_SQL_CASE_NUMBER                                                                         \
  "SELECT i.number FROM case_identifier i WHERE i.case_file = c.id ORDER BY CASE i.kind "          \
  "WHEN 'police' THEN 0 WHEN 'procuratorate' THEN 1 WHEN 'first_instance' THEN 2 "                 \
  "WHEN 'second_instance' THEN 3 WHEN 'remand' THEN 4 ELSE 5 END DESC, i.number LIMIT 1"
