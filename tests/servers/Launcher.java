import java.nio.file.Path;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/** Starts one OpenSearch node for tests: {@code Launcher FOLDER HTTP_PORT TRANSPORT_PORT}; runs until it is killed. */
public class Launcher {
    public static void main(String[] args) throws Exception {
        OpenSearchRunner runner = new OpenSearchRunner();
        runner.onBuild((number, settings) -> {
            settings.put("http.port", args[1]);
            settings.put("transport.port", args[2]);
            settings.put("network.host", "127.0.0.1");
            settings.put("discovery.type", "single-node");
            settings.put("cluster.routing.allocation.disk.threshold_enabled", "false");
            settings.putList("node.roles", "cluster_manager", "data", "ingest");
        });
        runner.build(OpenSearchRunner.newConfigs().clusterName("spanwatch-test").basePath(Path.of(args[0]).toString()).numOfNode(1));
        runner.ensureYellow();
        Thread.currentThread().join();
    }
}
