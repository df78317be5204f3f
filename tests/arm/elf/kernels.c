/* Float code as a firmware has it: what edge mode is compared on with instruction mode, at -O1 to
 * -O3. Each function works on the arrays of 256 numbers; firmware_setup says how many of them. */
#include <stdint.h>

enum { MAX = 256 };

float a[MAX], b[MAX], c[MAX];
uint32_t n, spikes;
volatile uint32_t *control = (volatile uint32_t *)0x40000000;

const char firmware_labels[] = "dot,axpy,relu,normalise,threshold|roots,horner";
const char firmware_build[] = "test kernels; flags " FLAGS;

int firmware_setup(uint32_t own, uint32_t in, uint32_t rec, uint32_t out, uint32_t seed)
{
    n = own * in + rec + out;
    if (n > MAX)
        return 1;
    for (uint32_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        a[i] = (float)(seed >> 8) * (1.0f / 16777216.0f) - 0.5f;
        b[i] = a[i] * a[i] + 0.25f;
        c[i] = 0.0f;
    }
    return 0;
}

float dot(void)
{
    float sum = 0.0f;
    for (uint32_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

void axpy(void)
{
    for (uint32_t i = 0; i < n; i++)
        c[i] = 0.5f * a[i] + b[i];
}

void relu(void)
{
    for (uint32_t i = 0; i < n; i++)
        c[i] = a[i] > 0.0f ? a[i] : 0.0f;
}

void normalise(void)
{
    float sum = 1.0f;
    for (uint32_t i = 0; i < n; i++)
        sum += b[i];
    for (uint32_t i = 0; i < n; i++)
        c[i] = b[i] / sum;
}

void threshold(void)
{
    spikes = 0;
    for (uint32_t i = 0; i < n; i++)
        if (a[i] > 0.1f) {
            c[i] -= 0.1f;
            spikes++;
        }
}

void roots(void)
{
    for (uint32_t i = 0; i < n; i++)
        c[i] = __builtin_sqrtf(b[i]) + 1.0f / (b[i] + 1.0f);
}

static inline float polynomial(float x)
{
    return ((0.125f * x + 0.25f) * x + 0.5f) * x + 1.0f;
}

void horner(void)
{
    for (uint32_t i = 0; i < n; i++)
        c[i] = polynomial(a[i]);
}

float scale(uint32_t count, float factor)
{
    for (uint32_t i = 0; i < count; i++)
        c[i] = factor * a[i];
    return c[count - 1];
}

uint32_t sum_of_six(uint32_t p, uint32_t q, uint32_t r, uint32_t s, uint32_t t, uint32_t u)
{
    return p + 10 * q + 100 * r + 1000 * s + 10000 * t + 100000 * u;
}

uint32_t copy(void)
{
    uint32_t sum = 0;
    const uint32_t *from = (const uint32_t *)a;
    for (uint32_t i = 0; i < 16; i++)
        ((uint32_t *)c)[i] = from[i];
    return sum;
}

uint32_t wait_for_ready(void)
{
    uint32_t polls = 1;
    while (!(control[4] & 1))
        polls++;
    control[5] = polls;
    return polls;
}
