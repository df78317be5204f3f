/* Generic routines for dense matrices in row order. out may be one of the operands.
 *
 * A library: compiled on its own, so it is neither inlined nor told sizes or aliasing.
 */
#ifndef MATRIX_H
#define MATRIX_H

#include <stdint.h>

void matrix_copy(float *out, const float *a, uint32_t n_rows, uint32_t n_columns);
void matrix_scale(float *out, const float *a, float factor, uint32_t n_rows, uint32_t n_columns);
/* Each row by its own factor. */
void matrix_scale_rows(float *out, const float *a, const float *factors, uint32_t n_rows,
                       uint32_t n_columns);
/* out[r][c] = column[r] row[c] */
void matrix_outer(float *out, const float *column, const float *row, uint32_t n_rows,
                  uint32_t n_columns);
/* Element by element. */
void matrix_multiply(float *out, const float *a, const float *b, uint32_t n_rows,
                     uint32_t n_columns);
void matrix_divide(float *out, const float *a, const float *b, uint32_t n_rows,
                   uint32_t n_columns);
void matrix_add(float *out, const float *a, const float *b, uint32_t n_rows, uint32_t n_columns);
void matrix_subtract(float *out, const float *a, const float *b, uint32_t n_rows,
                     uint32_t n_columns);
void matrix_add_scalar(float *out, const float *a, float term, uint32_t n_rows,
                       uint32_t n_columns);
void matrix_root(float *out, const float *a, uint32_t n_rows, uint32_t n_columns);
/* out = A x */
void matrix_vector(float *out, const float *a, const float *x, uint32_t n_rows,
                   uint32_t n_columns);
/* out = A^T x */
void matrix_transposed_vector(float *out, const float *a, const float *x, uint32_t n_rows,
                              uint32_t n_columns);

#endif
