/* Style `fused`: each synapse is visited once per time step, and once per update.
 *
 * eps_v is one row for all own neurons, recurrent ones too: the synapse of a neuron onto itself,
 * which has no eligibility, is masked while its row is at work. Recurrent currents are added for
 * neurons that have spiked only. The readout is formed once per sample from the summed traces,
 * which is exact; it is charged with the learning signal, as the work of all PEs per sample.
 */
#include "layout.h"

const char firmware_labels[] =
    "read_input,input_current,recurrent_current,alif_update,pseudo_derivative,"
    "send_spikes,receive_spikes,sync,"
    "e_prop__eps_v,e_prop__synapses,output__trace,output__advance"
    "|learning_signal__readout,reduce_output,softmax_loss,learning_signal,weight_update";

void input_current(void)
{
    const float *w = w_in;
    for (uint32_t j = 0; j < n_own; j++) {
        float sum = 0;
        for (uint32_t i = 0; i < n_in; i++)
            sum += *w++ * x[i];
        current[j] = sum;
    }
}

/* Columns of W_rec, of the listed spikes. */
void recurrent_current(void)
{
    for (uint32_t n = 0; n < n_spikes; n++) {
        const float *w = w_rec + spikes[n];
        for (uint32_t j = 0; j < n_own; j++, w += n_rec)
            current[j] += *w;
    }
}

static void trace(float *eps_v, const float *pre, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        eps_v[i] = ALPHA * eps_v[i] + G_IN * pre[i];
}

void e_prop__eps_v(void)
{
    trace(eps_v_in, x, n_in);
    trace(eps_v_rec, z_before, n_rec);
}

/* A time step of the row of one neuron: eps_a, e, e_bar and its sum over time. */
static void row(float psi_, const float *restrict eps_v, float *restrict eps_a,
                float *restrict e_bar, float *restrict dw, uint32_t n)
{
    float decay = RHO - G_A * BETA * psi_, gain = G_A * psi_;
    for (uint32_t i = 0; i < n; i++) {
        float filtered = eps_v[i];
        float adaptive = decay * eps_a[i] + gain * filtered;
        float e = KAPPA * e_bar[i] + psi_ * (filtered - BETA * adaptive);
        eps_a[i] = adaptive;
        e_bar[i] = e;
        dw[i] += e;
    }
}

void e_prop__synapses(void)
{
    for (uint32_t j = 0; j < n_own; j++) {
        uint32_t in = j * n_in, rec = j * n_rec;
        row(psi[j], eps_v_in, eps_a_in + in, e_bar_in + in, dw_in + in, n_in);
        float kept = eps_v_rec[first + j];
        eps_v_rec[first + j] = 0;
        row(psi[j], eps_v_rec, eps_a_rec + rec, e_bar_rec + rec, dw_rec + rec, n_rec);
        eps_v_rec[first + j] = kept;
    }
}

/* zbar = kappa zbar + z, and its sum over time */
void output__trace(void)
{
    for (uint32_t j = 0; j < n_own; j++) {
        float filtered = KAPPA * zbar[j] + z[first + j];
        zbar[j] = filtered;
        zbar_sum[j] += filtered;
    }
}

/* What was now is before; the list of its spikes. */
void output__advance(void)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_rec; i++) {
        float spike = z[i];
        z_before[i] = spike;
        z[i] = 0;
        if (spike > 0)
            spikes[n++] = i;
    }
    n_spikes = n;
}

/* sum_t y^t = W_out sum_t zbar^t */
void learning_signal__readout(void)
{
    const float *w = w_out;
    for (uint32_t k = 0; k < n_out; k++) {
        float sum = 0;
        for (uint32_t j = 0; j < n_own; j++)
            sum += *w++ * zbar_sum[j];
        y_sum[k] = sum;
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

/* Adam's step of one weight along its gradient, which it keeps. */
static inline void follow(float gradient, float *w, float *dw, float *m, float *mean_square)
{
    float mean = BETA1 * *m + ONE_LESS_BETA1 * gradient;
    float square = BETA2 * *mean_square + ONE_LESS_BETA2 * (gradient * gradient);
    *dw = gradient;
    *m = mean;
    *mean_square = square;
    *w -= rate * mean / (__builtin_sqrtf(square) + EPSILON);
}

static void update(float *restrict w, float *restrict dw, float *restrict m,
                   float *restrict mean_square, uint32_t n_pre)
{
    for (uint32_t j = 0; j < n_own; j++) {
        float signal = learning_signal_own[j];
        for (uint32_t i = 0; i < n_pre; i++, w++, dw++, m++, mean_square++)
            follow(signal * *dw + TWO_L2 * *w, w, dw, m, mean_square);
    }
}

/* Gradient and Adam's step in one pass. */
void weight_update(void)
{
    float *restrict w = w_out, *restrict dw = dw_out, *restrict m = m_out, *restrict s = v_out;

    update(w_in, dw_in, m_in, v_in, n_in);
    update(w_rec, dw_rec, m_rec, v_rec, n_rec);
    for (uint32_t k = 0; k < n_out; k++) {
        float scaled = error[k] * PER_TIMESTEP;
        for (uint32_t j = 0; j < n_own; j++, w++, dw++, m++, s++)
            follow(scaled * zbar_sum[j] + TWO_L2 * *w, w, dw, m, s);
    }
}
