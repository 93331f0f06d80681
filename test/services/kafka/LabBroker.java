/**
 * Starts one Kafka node (broker and controller) in this process, formatting its storage the first time.
 * Arguments: the properties file, the cluster's id. Formatting here saves the start of a second JVM.
 */
public final class LabBroker {
    private LabBroker() {}

    public static void main(String[] args) {
        ParentWatch.start();
        String properties = args[0];
        String clusterId = args[1];
        int status = kafka.tools.StorageTool.execute(
            new String[] {"format", "--ignore-formatted", "--cluster-id", clusterId, "--config", properties}, System.out);
        if (status != 0) {
            System.exit(status);
        }
        kafka.Kafka.main(new String[] {properties});
    }
}
