/* Functions that a compiler does away with: inlined, cloned for a constant, and local. */
#include <stdint.h>

uint32_t result;

static inline __attribute__((always_inline)) uint32_t twice(uint32_t x)
{
    return 2 * x;
}

static __attribute__((noinline)) uint32_t power(uint32_t x, uint32_t exponent)
{
    uint32_t y = 1;
    for (uint32_t i = 0; i < exponent; i++)
        y *= x;
    return y;
}

void step(void)
{
    result = twice(result) + power(result, 5) + power(result + 1, 5);
}
