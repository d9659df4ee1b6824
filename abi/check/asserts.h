/* asserts: the words that the folder layout and constants.c are written in, as C11 and as C++20.
 *
 * A line of a frozen id never changes: the id, or the type, gets a successor under a new name.
 * Lines of revision 0 change with their header.
 */
#ifndef GANTRY_CHECK_ASSERTS_H
#define GANTRY_CHECK_ASSERTS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define GANTRY_ASSERT static_assert
#else
#define GANTRY_ASSERT _Static_assert
#endif

#define REQUIRE(condition) GANTRY_ASSERT(condition, #condition)
/* Says the constant's name, where REQUIRE would have its value. */
#define IS(name, value) GANTRY_ASSERT((name) == (value), #name " is not " #value)
/* Of a frozen type or a number; what a growable one takes may rise. */
#define SIZE(type, bytes) REQUIRE(sizeof(type) == (bytes))
/* Where a member is and how many bytes it takes. */
#define AT(type, member, offset, bytes)        \
  REQUIRE(offsetof(type, member) == (offset)); \
  REQUIRE(sizeof(((type *)0)->member) == (bytes))

#endif
