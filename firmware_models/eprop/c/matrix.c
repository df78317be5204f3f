/* One loop nest for each routine. */
#include "matrix.h"

#define EACH_ELEMENT                       \
    for (uint32_t r = 0; r < n_rows; r++)  \
        for (uint32_t c = 0; c < n_columns; c++)
#define AT(matrix) matrix[r * n_columns + c]

void matrix_copy(float *out, const float *a, uint32_t n_rows, uint32_t n_columns)
{
    EACH_ELEMENT AT(out) = AT(a);
}

void matrix_scale(float *out, const float *a, float factor, uint32_t n_rows, uint32_t n_columns)
{
    EACH_ELEMENT AT(out) = factor * AT(a);
}

void matrix_scale_rows(float *out, const float *a, const float *factors, uint32_t n_rows,
                       uint32_t n_columns)
{
    EACH_ELEMENT AT(out) = factors[r] * AT(a);
}

void matrix_outer(float *out, const float *column, const float *row, uint32_t n_rows,
                  uint32_t n_columns)
{
    EACH_ELEMENT AT(out) = column[r] * row[c];
}

void matrix_multiply(float *out, const float *a, const float *b, uint32_t n_rows,
                     uint32_t n_columns)
{
    EACH_ELEMENT AT(out) = AT(a) * AT(b);
}

void matrix_divide(float *out, const float *a, const float *b, uint32_t n_rows,
                   uint32_t n_columns)
{
    EACH_ELEMENT AT(out) = AT(a) / AT(b);
}

void matrix_add(float *out, const float *a, const float *b, uint32_t n_rows, uint32_t n_columns)
{
    EACH_ELEMENT AT(out) = AT(a) + AT(b);
}

void matrix_subtract(float *out, const float *a, const float *b, uint32_t n_rows,
                     uint32_t n_columns)
{
    EACH_ELEMENT AT(out) = AT(a) - AT(b);
}

void matrix_add_scalar(float *out, const float *a, float term, uint32_t n_rows,
                       uint32_t n_columns)
{
    EACH_ELEMENT AT(out) = AT(a) + term;
}

void matrix_root(float *out, const float *a, uint32_t n_rows, uint32_t n_columns)
{
    EACH_ELEMENT AT(out) = __builtin_sqrtf(AT(a));
}

void matrix_vector(float *out, const float *a, const float *x, uint32_t n_rows,
                   uint32_t n_columns)
{
    for (uint32_t r = 0; r < n_rows; r++) {
        float sum = 0;
        for (uint32_t c = 0; c < n_columns; c++)
            sum += AT(a) * x[c];
        out[r] = sum;
    }
}

void matrix_transposed_vector(float *out, const float *a, const float *x, uint32_t n_rows,
                              uint32_t n_columns)
{
    for (uint32_t c = 0; c < n_columns; c++) {
        float sum = 0;
        for (uint32_t r = 0; r < n_rows; r++)
            sum += AT(a) * x[r];
        out[c] = sum;
    }
}
