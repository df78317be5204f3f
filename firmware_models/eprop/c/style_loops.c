/* Style `loops`: one loop nest for each equation, over the arrays themselves.
 *
 * What one writes in C by hand from the paper. Multiplications and additions of an equation are in
 * one loop and cannot be told apart.
 */
#include "layout.h"

const char firmware_labels[] =
    "read_input,input_current,recurrent_current,alif_update,pseudo_derivative,"
    "send_spikes,receive_spikes,sync,"
    "e_prop__eps_v,e_prop__eps_a,e_prop__e_trace,e_prop__filter,e_prop__accumulate,"
    "output__trace,output__readout,output__advance"
    "|reduce_output,softmax_loss,learning_signal,weight_update__gradient,weight_update__adam";

static float e_in[MAX_IN_SYNAPSES], e_rec[MAX_REC_SYNAPSES];

void input_current(void)
{
    for (uint32_t j = 0; j < n_own; j++) {
        float sum = 0;
        for (uint32_t i = 0; i < n_in; i++)
            sum += w_in[j * n_in + i] * x[i];
        current[j] = sum;
    }
}

void recurrent_current(void)
{
    for (uint32_t j = 0; j < n_own; j++) {
        float sum = 0;
        for (uint32_t i = 0; i < n_rec; i++)
            sum += w_rec[j * n_rec + i] * z_before[i];
        current[j] += sum;
    }
}

/* eps_v = alpha eps_v + g_in pre. Of the inputs it is the same for all own neurons; of the
 * recurrent neurons it is not, for there is none of a neuron for itself. */
void e_prop__eps_v(void)
{
    for (uint32_t i = 0; i < n_in; i++)
        eps_v_in[i] = ALPHA * eps_v_in[i] + G_IN * x[i];
    for (uint32_t j = 0; j < n_own; j++) {
        for (uint32_t i = 0; i < n_rec; i++)
            eps_v_rec[j * n_rec + i] = ALPHA * eps_v_rec[j * n_rec + i] + G_IN * z_before[i];
        eps_v_rec[j * n_rec + first + j] = 0;
    }
}

/* eps_a = (rho - g_a beta psi) eps_a + g_a psi eps_v */
void e_prop__eps_a(void)
{
    for (uint32_t j = 0; j < n_own; j++) {
        float decay = RHO - G_A * BETA * psi[j], gain = G_A * psi[j];
        for (uint32_t i = 0; i < n_in; i++)
            eps_a_in[j * n_in + i] = decay * eps_a_in[j * n_in + i] + gain * eps_v_in[i];
        for (uint32_t i = 0; i < n_rec; i++)
            eps_a_rec[j * n_rec + i] =
                decay * eps_a_rec[j * n_rec + i] + gain * eps_v_rec[j * n_rec + i];
    }
}

/* e = psi (eps_v - beta eps_a) */
void e_prop__e_trace(void)
{
    for (uint32_t j = 0; j < n_own; j++) {
        for (uint32_t i = 0; i < n_in; i++)
            e_in[j * n_in + i] = psi[j] * (eps_v_in[i] - BETA * eps_a_in[j * n_in + i]);
        for (uint32_t i = 0; i < n_rec; i++)
            e_rec[j * n_rec + i] =
                psi[j] * (eps_v_rec[j * n_rec + i] - BETA * eps_a_rec[j * n_rec + i]);
    }
}

/* e_bar = kappa e_bar + e */
void e_prop__filter(void)
{
    for (uint32_t j = 0; j < n_own; j++) {
        for (uint32_t i = 0; i < n_in; i++)
            e_bar_in[j * n_in + i] = KAPPA * e_bar_in[j * n_in + i] + e_in[j * n_in + i];
        for (uint32_t i = 0; i < n_rec; i++)
            e_bar_rec[j * n_rec + i] = KAPPA * e_bar_rec[j * n_rec + i] + e_rec[j * n_rec + i];
    }
}

void e_prop__accumulate(void)
{
    for (uint32_t j = 0; j < n_own; j++) {
        for (uint32_t i = 0; i < n_in; i++)
            dw_in[j * n_in + i] += e_bar_in[j * n_in + i];
        for (uint32_t i = 0; i < n_rec; i++)
            dw_rec[j * n_rec + i] += e_bar_rec[j * n_rec + i];
    }
}

/* zbar = kappa zbar + z, and its sum over time */
void output__trace(void)
{
    for (uint32_t j = 0; j < n_own; j++) {
        zbar[j] = KAPPA * zbar[j] + z[first + j];
        zbar_sum[j] += zbar[j];
    }
}

/* y = W_out zbar, and its sum over time */
void output__readout(void)
{
    for (uint32_t k = 0; k < n_out; k++) {
        y[k] = 0;
        for (uint32_t j = 0; j < n_own; j++)
            y[k] += w_out[k * n_own + j] * zbar[j];
        y_sum[k] += y[k];
    }
}

/* What was now is before. */
void output__advance(void)
{
    for (uint32_t i = 0; i < n_rec; i++) {
        z_before[i] = z[i];
        z[i] = 0;
    }
}

/* L_j = (1 / T) sum_k B_kj err_k, with B = W_out */
void learning_signal(void)
{
    for (uint32_t j = 0; j < n_own; j++) {
        float sum = 0;
        for (uint32_t k = 0; k < n_out; k++)
            sum += w_out[k * n_own + j] * error[k];
        learning_signal_own[j] = sum * PER_TIMESTEP;
    }
}

/* dw = L_j dw + 2 l2 w */
void weight_update__gradient(void)
{
    for (uint32_t j = 0; j < n_own; j++) {
        for (uint32_t i = 0; i < n_in; i++)
            dw_in[j * n_in + i] =
                learning_signal_own[j] * dw_in[j * n_in + i] + TWO_L2 * w_in[j * n_in + i];
        for (uint32_t i = 0; i < n_rec; i++)
            dw_rec[j * n_rec + i] =
                learning_signal_own[j] * dw_rec[j * n_rec + i] + TWO_L2 * w_rec[j * n_rec + i];
    }
    for (uint32_t k = 0; k < n_out; k++)
        for (uint32_t j = 0; j < n_own; j++)
            dw_out[k * n_own + j] =
                error[k] * (zbar_sum[j] * PER_TIMESTEP) + TWO_L2 * w_out[k * n_own + j];
}

/* w -= rate m / (sqrt(v) + epsilon): a loop for each of m, v and w */
static void adam(float *w, const float *dw, float *m, float *mean_square, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        m[i] = BETA1 * m[i] + ONE_LESS_BETA1 * dw[i];
    for (uint32_t i = 0; i < n; i++)
        mean_square[i] = BETA2 * mean_square[i] + ONE_LESS_BETA2 * (dw[i] * dw[i]);
    for (uint32_t i = 0; i < n; i++)
        w[i] -= rate * m[i] / (__builtin_sqrtf(mean_square[i]) + EPSILON);
}

void weight_update__adam(void)
{
    adam(w_in, dw_in, m_in, v_in, n_own * n_in);
    adam(w_rec, dw_rec, m_rec, v_rec, n_own * n_rec);
    adam(w_out, dw_out, m_out, v_out, n_own * n_out);
}
