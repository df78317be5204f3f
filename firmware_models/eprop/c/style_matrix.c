/* Style `matrix`: the equations as a sequence of generic matrix operations.
 *
 * What a port from an array library looks like: each operation is a pass over whole matrices, and
 * multiplications and additions are apart, as in the paper's profile.
 */
#include "layout.h"
#include "matrix.h"

const char firmware_labels[] =
    "read_input,input_current,recurrent_current,alif_update,pseudo_derivative,"
    "send_spikes,receive_spikes,sync,"
    "e_prop__eps_v__multiply,e_prop__eps_v__add,e_prop__eps_a__multiply,e_prop__eps_a__add,"
    "e_prop__e_trace__multiply,e_prop__e_trace__add,e_prop__filter__multiply,e_prop__filter__add,"
    "e_prop__accumulate__add,output__trace,output__readout,output__advance"
    "|reduce_output,softmax_loss,learning_signal,weight_update__gradient,weight_update__adam";

/* Second operands of the additions. e needs no more: it is made in term_ and read once. */
static float term_in[MAX_IN_SYNAPSES], e_in[MAX_IN_SYNAPSES];
static float term_rec[MAX_REC_SYNAPSES], e_rec[MAX_REC_SYNAPSES];
static float term_out[MAX_READOUT], ratio_out[MAX_READOUT];
static float term_own[MAX_OWN], decay[MAX_OWN], gain[MAX_OWN], beta_psi[MAX_OWN], g_in[MAX_OWN];

void input_current(void)
{
    matrix_vector(current, w_in, x, n_own, n_in);
}

void recurrent_current(void)
{
    matrix_vector(term_own, w_rec, z_before, n_own, n_rec);
    matrix_add(current, current, term_own, n_own, 1);
}

/* alpha eps_v and g_in pre */
void e_prop__eps_v__multiply(void)
{
    for (uint32_t j = 0; j < n_own; j++)
        g_in[j] = G_IN;
    matrix_scale(eps_v_in, eps_v_in, ALPHA, n_own, n_in);
    matrix_outer(term_in, g_in, x, n_own, n_in);
    matrix_scale(eps_v_rec, eps_v_rec, ALPHA, n_own, n_rec);
    matrix_outer(term_rec, g_in, z_before, n_own, n_rec);
}

/* eps_v = alpha eps_v + g_in pre; none of a neuron for itself. */
void e_prop__eps_v__add(void)
{
    matrix_add(eps_v_in, eps_v_in, term_in, n_own, n_in);
    matrix_add(eps_v_rec, eps_v_rec, term_rec, n_own, n_rec);
    for (uint32_t j = 0; j < n_own; j++)
        eps_v_rec[j * n_rec + first + j] = 0;
}

/* (rho - g_a beta psi) eps_a and g_a psi eps_v */
void e_prop__eps_a__multiply(void)
{
    for (uint32_t j = 0; j < n_own; j++) {
        decay[j] = RHO - G_A * BETA * psi[j];
        gain[j] = G_A * psi[j];
    }
    matrix_scale_rows(eps_a_in, eps_a_in, decay, n_own, n_in);
    matrix_scale_rows(term_in, eps_v_in, gain, n_own, n_in);
    matrix_scale_rows(eps_a_rec, eps_a_rec, decay, n_own, n_rec);
    matrix_scale_rows(term_rec, eps_v_rec, gain, n_own, n_rec);
}

void e_prop__eps_a__add(void)
{
    matrix_add(eps_a_in, eps_a_in, term_in, n_own, n_in);
    matrix_add(eps_a_rec, eps_a_rec, term_rec, n_own, n_rec);
}

/* psi eps_v and psi beta eps_a */
void e_prop__e_trace__multiply(void)
{
    for (uint32_t j = 0; j < n_own; j++)
        beta_psi[j] = BETA * psi[j];
    matrix_scale_rows(e_in, eps_v_in, psi, n_own, n_in);
    matrix_scale_rows(term_in, eps_a_in, beta_psi, n_own, n_in);
    matrix_scale_rows(e_rec, eps_v_rec, psi, n_own, n_rec);
    matrix_scale_rows(term_rec, eps_a_rec, beta_psi, n_own, n_rec);
}

/* e = psi (eps_v - beta eps_a) */
void e_prop__e_trace__add(void)
{
    matrix_subtract(e_in, e_in, term_in, n_own, n_in);
    matrix_subtract(e_rec, e_rec, term_rec, n_own, n_rec);
}

void e_prop__filter__multiply(void)
{
    matrix_scale(e_bar_in, e_bar_in, KAPPA, n_own, n_in);
    matrix_scale(e_bar_rec, e_bar_rec, KAPPA, n_own, n_rec);
}

/* e_bar = kappa e_bar + e */
void e_prop__filter__add(void)
{
    matrix_add(e_bar_in, e_bar_in, e_in, n_own, n_in);
    matrix_add(e_bar_rec, e_bar_rec, e_rec, n_own, n_rec);
}

void e_prop__accumulate__add(void)
{
    matrix_add(dw_in, dw_in, e_bar_in, n_own, n_in);
    matrix_add(dw_rec, dw_rec, e_bar_rec, n_own, n_rec);
}

/* zbar = kappa zbar + z, and its sum over time */
void output__trace(void)
{
    matrix_scale(zbar, zbar, KAPPA, 1, n_own);
    matrix_add(zbar, zbar, z + first, 1, n_own);
    matrix_add(zbar_sum, zbar_sum, zbar, 1, n_own);
}

/* y = W_out zbar, and its sum over time */
void output__readout(void)
{
    matrix_vector(y, w_out, zbar, n_out, n_own);
    matrix_add(y_sum, y_sum, y, 1, n_out);
}

/* What was now is before. */
void output__advance(void)
{
    matrix_copy(z_before, z, 1, n_rec);
    matrix_scale(z, z, 0, 1, n_rec);
}

/* L_j = (1 / T) sum_k B_kj err_k, with B = W_out */
void learning_signal(void)
{
    matrix_transposed_vector(learning_signal_own, w_out, error, n_out, n_own);
    matrix_scale(learning_signal_own, learning_signal_own, PER_TIMESTEP, 1, n_own);
}

/* dw = L_j dw + 2 l2 w */
static void gradient(float *dw, const float *w, float *term, uint32_t n_pre)
{
    matrix_scale_rows(dw, dw, learning_signal_own, n_own, n_pre);
    matrix_scale(term, w, TWO_L2, n_own, n_pre);
    matrix_add(dw, dw, term, n_own, n_pre);
}

void weight_update__gradient(void)
{
    gradient(dw_in, w_in, term_in, n_in);
    gradient(dw_rec, w_rec, term_rec, n_rec);
    matrix_scale(term_own, zbar_sum, PER_TIMESTEP, 1, n_own);
    matrix_outer(dw_out, error, term_own, n_out, n_own);
    matrix_scale(term_out, w_out, TWO_L2, n_out, n_own);
    matrix_add(dw_out, dw_out, term_out, n_out, n_own);
}

/* w -= rate m / (sqrt(v) + epsilon); term and ratio are free for use. */
static void adam(float *w, const float *dw, float *m, float *mean_square, float *term,
                 float *ratio, uint32_t rows, uint32_t columns)
{
    matrix_scale(m, m, BETA1, rows, columns);
    matrix_scale(term, dw, ONE_LESS_BETA1, rows, columns);
    matrix_add(m, m, term, rows, columns);
    matrix_scale(mean_square, mean_square, BETA2, rows, columns);
    matrix_multiply(term, dw, dw, rows, columns);
    matrix_scale(term, term, ONE_LESS_BETA2, rows, columns);
    matrix_add(mean_square, mean_square, term, rows, columns);
    matrix_root(term, mean_square, rows, columns);
    matrix_add_scalar(term, term, EPSILON, rows, columns);
    matrix_scale(ratio, m, rate, rows, columns);
    matrix_divide(ratio, ratio, term, rows, columns);
    matrix_subtract(w, w, ratio, rows, columns);
}

void weight_update__adam(void)
{
    adam(w_in, dw_in, m_in, v_in, term_in, e_in, n_own, n_in);
    adam(w_rec, dw_rec, m_rec, v_rec, term_rec, e_rec, n_own, n_rec);
    adam(w_out, dw_out, m_out, v_out, term_out, ratio_out, n_out, n_own);
}
