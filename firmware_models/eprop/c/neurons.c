/* Neurons, input and exchange: one loop each, the same in every style.
 *
 * A function without arguments is one line of a clock profile; two underscores stand for the dot
 * of a cost label, so output__advance is the part `advance` of `output`.
 */
#include "layout.h"

/* The next frame out of the ping-pong buffer. */
void read_input(void)
{
    for (uint32_t i = 0; i < n_in; i++)
        x[i] = frames[frame * n_in + i];
    frame = frame + 1 == N_FRAMES ? 0 : frame + 1;
}

/* a = rho a + g_a z^{t-1};  A = v_th + beta a;  v = alpha v + g_in I - z^{t-1} A;  z = [v > A].
 * psi is v - A until pseudo_derivative. */
void alif_update(void)
{
    for (uint32_t j = 0; j < n_own; j++) {
        float spiked = z_before[first + j];
        a[j] = RHO * a[j] + G_A * spiked;
        float threshold = V_TH + BETA * a[j];
        v[j] = ALPHA * v[j] + G_IN * current[j] - spiked * threshold;
        psi[j] = v[j] - threshold;
        z[first + j] = psi[j] > 0 ? 1.0f : 0.0f;
    }
}

/* A Gaussian between two wide negative ones. */
void pseudo_derivative(void)
{
    for (uint32_t j = 0; j < n_own; j++) {
        float u = psi[j], left = u - PSI_OFFSET, right = u + PSI_OFFSET;
        float centre = PSI_CENTRE * exponential(-(u * u) * PSI_CENTRE_RATE);
        centre -= PSI_SIDE * exponential(-(left * left) * PSI_SIDE_RATE);
        psi[j] = centre - PSI_SIDE * exponential(-(right * right) * PSI_SIDE_RATE);
    }
}

/* The keys of own neurons that spike, to Comms. */
void send_spikes(void)
{
    for (uint32_t j = 0; j < n_own; j++)
        if (z[first + j] > 0)
            comms_send = first + j;
}

/* The spikes of other PEs, out of the receive FIFO. */
void receive_spikes(void)
{
    uint32_t n_keys = comms_n_keys;
    for (uint32_t n = 0; n < n_keys; n++)
        z[comms_keys[n]] = 1.0f;
}

/* Raise the own flag and go on when all others are raised: the CPU's work, if none is late. */
void sync(void)
{
    sync_raised = 1;
    while (sync_arrived < sync_expected) {
    }
    sync_arrived = 0;
}

/* On PE 0: the partial outputs of the other PEs. */
void reduce_output(void)
{
    for (uint32_t pe = 0; pe < N_OTHERS; pe++)
        for (uint32_t k = 0; k < n_out; k++)
            y_sum[k] += partial_outputs[pe * n_out + k];
}

/* On PE 0: err = softmax(output averaged over time) - onehot(target). */
void softmax_loss(void)
{
    float largest = y_sum[0] * PER_TIMESTEP, total = 0;
    for (uint32_t k = 0; k < n_out; k++) {
        error[k] = y_sum[k] * PER_TIMESTEP;
        if (error[k] > largest)
            largest = error[k];
    }
    for (uint32_t k = 0; k < n_out; k++) {
        error[k] = exponential(error[k] - largest);
        total += error[k];
    }
    for (uint32_t k = 0; k < n_out; k++)
        error[k] /= total;
    error[target] -= 1.0f;
}
