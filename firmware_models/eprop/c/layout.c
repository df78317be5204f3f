/* The arrays, and values for them with which every function has its usual work to do. */
#include "layout.h"

/* One spike among so many neurons and time steps: the trained network has 6 %. */
enum { NEURONS_PER_SPIKE = 16 };

uint32_t n_own, n_in, n_rec, n_out, first;
float frames[N_FRAMES * MAX_IN], x[MAX_IN];
uint32_t frame;
float current[MAX_OWN], v[MAX_OWN], a[MAX_OWN], psi[MAX_OWN];
float z[MAX_REC], z_before[MAX_REC];
uint32_t spikes[MAX_REC], n_spikes;
volatile uint32_t comms_send, comms_keys[MAX_REC], comms_n_keys;
volatile uint32_t sync_raised, sync_arrived, sync_expected;
float w_in[MAX_IN_SYNAPSES], dw_in[MAX_IN_SYNAPSES], m_in[MAX_IN_SYNAPSES], v_in[MAX_IN_SYNAPSES];
float eps_v_in[MAX_IN_SYNAPSES], eps_a_in[MAX_IN_SYNAPSES], e_bar_in[MAX_IN_SYNAPSES];
float w_rec[MAX_REC_SYNAPSES], dw_rec[MAX_REC_SYNAPSES];
float m_rec[MAX_REC_SYNAPSES], v_rec[MAX_REC_SYNAPSES];
float eps_v_rec[MAX_REC_SYNAPSES], eps_a_rec[MAX_REC_SYNAPSES], e_bar_rec[MAX_REC_SYNAPSES];
float w_out[MAX_READOUT], dw_out[MAX_READOUT], m_out[MAX_READOUT], v_out[MAX_READOUT];
float zbar[MAX_OWN], zbar_sum[MAX_OWN], y[MAX_OUT], y_sum[MAX_OUT];
float partial_outputs[N_OTHERS * MAX_OUT], error[MAX_OUT], learning_signal_own[MAX_OWN];
uint32_t target;
float rate;

static uint32_t random_state;

/* n numbers from low to high, evenly spread. */
static void fill(float *array, uint32_t n, float low, float high)
{
    for (uint32_t i = 0; i < n; i++) {
        random_state = random_state * 1664525u + 1013904223u;
        array[i] = low + (high - low) * ((float)(random_state >> 8) * 0x1p-24f);
    }
}

static void fill_synapses(float *w, float *dw, float *m, float *mean_square, uint32_t n)
{
    fill(w, n, -0.2f, 0.2f);
    fill(dw, n, -1.0f, 1.0f);
    fill(m, n, -0.1f, 0.1f);
    fill(mean_square, n, 0.0f, 0.1f);
}

/* Every sixteenth neuron has spiked before. As many keys come now, own ones among them: a little
 * more than the other PEs would send, and a number that grows with n_rec alone. */
static void fill_spikes(void)
{
    n_spikes = comms_n_keys = 0;
    for (uint32_t i = 0; i < n_rec; i++) {
        z[i] = 0;
        z_before[i] = 0;
        if (i % NEURONS_PER_SPIKE == 5) {
            z_before[i] = 1;
            spikes[n_spikes++] = i;
        }
        if (i % NEURONS_PER_SPIKE == 9)
            comms_keys[comms_n_keys++] = i;
    }
}

int firmware_setup(uint32_t own, uint32_t in, uint32_t rec, uint32_t out, uint32_t seed)
{
    if (own < 1 || own > MAX_OWN || in < 1 || in > MAX_IN || rec < own || rec > MAX_REC ||
        out < 1 || out > MAX_OUT || own * in > MAX_IN_SYNAPSES || own * rec > MAX_REC_SYNAPSES ||
        own * out > MAX_READOUT)
        return 1;
    n_own = own;
    n_in = in;
    n_rec = rec;
    n_out = out;
    first = (rec - own) / 2;
    random_state = seed;

    frame = N_FRAMES - 1;
    fill(frames, N_FRAMES * in, 0.0f, 2.0f);
    fill(x, in, 0.0f, 2.0f);
    fill(current, own, -1.0f, 1.0f);
    fill(v, own, 0.0f, 2.2f); /* the highest sixteenth will spike */
    fill(a, own, 0.0f, 1.0f);
    fill(psi, own, -1.5f, 1.5f);
    fill_spikes();
    comms_send = 0;
    sync_raised = sync_arrived = sync_expected = 0;

    fill_synapses(w_in, dw_in, m_in, v_in, own * in);
    fill(eps_v_in, own * in, 0.0f, 2.0f);
    fill(eps_a_in, own * in, -1.0f, 1.0f);
    fill(e_bar_in, own * in, -1.0f, 1.0f);
    fill_synapses(w_rec, dw_rec, m_rec, v_rec, own * rec);
    fill(eps_v_rec, own * rec, 0.0f, 1.0f);
    fill(eps_a_rec, own * rec, -1.0f, 1.0f);
    fill(e_bar_rec, own * rec, -1.0f, 1.0f);
    fill_synapses(w_out, dw_out, m_out, v_out, own * out);

    fill(zbar, own, 0.0f, 1.0f);
    fill(zbar_sum, own, 0.0f, 10.0f);
    fill(y, out, -1.0f, 1.0f);
    fill(y_sum, out, -100.0f, 100.0f);
    fill(partial_outputs, N_OTHERS * out, -10.0f, 10.0f);
    fill(error, out, -0.5f, 0.5f);
    fill(learning_signal_own, own, -0.1f, 0.1f);
    target = out / 2;
    rate = 0.001f;
    return 0;
}
